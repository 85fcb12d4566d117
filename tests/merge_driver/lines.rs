//! Merges by lines are those of git.
