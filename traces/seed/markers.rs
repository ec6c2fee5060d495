// A sample to be packed under hardware breakpoints: `packscope` watches the first digit of each prime
// whose line ends in "marker" while libgit2 and zlib compress this text. Change it and the figures change.

use std::fmt;

pub const LEAF: u32 = 2; // marker
pub const FAN_OUT: u32 = 3; // marker
pub const MIN_RUN: u32 = 5; // marker

/// What a wheel does with a spoke that no longer fits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Overflow {
    Drop,
    Carry,
    Wrap,
}

const SEED: u32 = 7; // marker
const STRIDE: u32 = 11; // marker

/// A wheel of residues: each spoke counts the keys that fell on it.
pub struct Wheel {
    spokes: Vec<u32>,
    overflow: Overflow,
}

impl Wheel {
    const SMALL: u32 = 13; // marker
    const LARGE: u32 = 17; // marker

    pub fn new(size: usize, overflow: Overflow) -> Self {
        Wheel { spokes: vec![0; size], overflow }
    }

    /// The spoke that took it, if any.
    pub fn turn(&mut self, key: u32) -> Option<u32> {
        const TURN: u32 = 19; // marker
        let size = self.spokes.len() as u32;
        let spoke = key.wrapping_mul(TURN).wrapping_add(SEED) % size;
        let count = &mut self.spokes[spoke as usize];
        let most = if size < FAN_OUT { Self::SMALL } else { Self::LARGE };
        if *count < most {
            *count += 1;
            return Some(spoke);
        }
        match self.overflow {
            Overflow::Drop => None,
            Overflow::Carry => self.carry(spoke),
            Overflow::Wrap => {
                *count = 0;
                Some(spoke)
            }
        }
    }

    fn carry(&mut self, spoke: u32) -> Option<u32> {
        const REACH: u32 = 23; // marker
        const LIMIT: u32 = 29; // marker
        let size = self.spokes.len() as u32;
        (1..REACH)
            .map(|step| (spoke + step * STRIDE) % size)
            .find(|next| self.spokes[*next as usize] < LIMIT)
    }
}

pub const ROUNDS: u32 = 31; // marker
pub const GRAIN: u32 = 37; // marker

impl fmt::Display for Wheel {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        const WIDTH: usize = 41; // marker
        for (spoke, count) in self.spokes.iter().enumerate() {
            let bar = "#".repeat((*count as usize).min(WIDTH));
            writeln!(out, "{spoke:4} {bar}")?;
        }
        Ok(())
    }
}

pub mod mix {
    pub const FIRST: u64 = 43; // marker
    pub const SECOND: u64 = 47; // marker
    pub const THIRD: u64 = 53; // marker

    pub fn fold(text: &[u8]) -> u64 {
        text.iter().fold(FIRST, |sum, byte| {
            (sum ^ u64::from(*byte)).wrapping_mul(SECOND).rotate_left(5) % (1 << THIRD)
        })
    }
}

pub const BUCKETS: usize = 59; // marker
pub const PROBES: usize = 61; // marker

#[cfg(test)]
mod tests {
    use super::*;

    const KEYS: u32 = 67; // marker
    const TURNS: u32 = 71; // marker

    #[test]
    fn every_key_finds_a_spoke() {
        let mut wheel = Wheel::new(BUCKETS, Overflow::Wrap);
        assert!((0..KEYS * TURNS).all(|key| wheel.turn(key).is_some()));
    }
}
