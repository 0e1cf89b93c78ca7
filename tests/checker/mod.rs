//! Holds what arrived against what the newsroom did, from outside: real processes, a real broker,
//! and no word of khobor's own about what it believes to have delivered.

#![allow(dead_code, reason = "each test, and the example, uses its own part")]

pub(crate) mod deeds;
pub(crate) mod seen;
pub(crate) mod verdict;
pub(crate) mod process;
pub(crate) mod service;
pub(crate) mod topic;
