//! The merge driver's library: `file::merge` on files of both dialects.

#[path = "merge_driver/support.rs"]
mod support;

#[path = "merge_driver/keys.rs"]
mod keys;
#[path = "merge_driver/lines.rs"]
mod lines;
#[path = "merge_driver/values.rs"]
mod values;
