//! A platform in a temporary folder with a clock that tests move.
