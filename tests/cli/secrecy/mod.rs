//! Secrets stay secret, as a user meets it: whatever the built command prints or writes of an account with random
//! secrets, no part of one can be read there.
//!
//! What a digest or an HMAC makes of a secret may show, unless it is itself used as a key. What is sent on the wire as
//! it is may not, though whoever reads the wire sees it.

mod broken;
mod commands;
mod hidden;
mod needles;
mod own;
mod prepared;
mod published;
mod short;
