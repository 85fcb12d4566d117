//! Merges of files whose data keys, readers or dialects differ.
