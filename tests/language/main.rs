//! The language of schemes: its items one by one, its secrets, and its forms of a time.

mod checks;
mod code;
mod mistakes;
mod pairs;
mod secrets;
#[path = "../setting/mod.rs"]
mod setting;
mod steps;
mod times;
