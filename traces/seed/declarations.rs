// The seed's sample: eight declarations, one a paragraph, labelled by their first word.
// `packscope ast_classifier` compresses each alone and trains 16→32→3 on its first 16 compressed bytes.

const MAX_RETRIES: u32 = 5;

const GREETING: &str = "hello, pack";

fn add(a: i32, b: i32) -> i32 {
    a + b
}

fn is_even(n: u64) -> bool {
    n % 2 == 0
}

fn main() {
    println!("{}", add(2, 3));
}

use std::collections::HashMap;

use std::io::{self, Read};

use std::path::PathBuf;
