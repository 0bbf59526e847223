//! The engine's own source of random bytes.

use parking_lot::Mutex;
use rand_chacha::ChaCha12Rng;
use rand_chacha::rand_core::{RngCore as _, SeedableRng as _};

/// A cryptographic generator, seeded by the operating system when the engine is opened.
pub(super) struct Entropy(Mutex<ChaCha12Rng>);

impl Entropy {
    pub(super) fn new() -> Self {
        Self(Mutex::new(ChaCha12Rng::from_os_rng()))
    }

    pub(super) fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.0.lock().fill_bytes(&mut bytes);
        bytes
    }
}
