//! Real files, real transactions.
