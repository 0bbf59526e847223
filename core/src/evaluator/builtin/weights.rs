//! What was learned from answers scored by people. Written by `make weights`; do not edit.
//!
//! From: beetle (4,371), saf_en (1,531), ads_zh (824), le_zh_tw (585) answers. SAF 2.0 (Filighera et al., ACL 2022; MIT), SemEval-2013 task 7 (Dzikovska et al.; CC BY 4.0), SAS-Datasets (Apache-2.0).

/// The mean of each measure, and its standard deviation.
pub(super) const MEAN: [f64; 8] = [0.617484, 0.729671, 0.602580, 0.706138, 0.645659, 0.746933, 0.569761, 0.664917];
pub(super) const DEVIATION: [f64; 8] = [0.267304, 0.274188, 0.299651, 0.294298, 0.292044, 0.283767, 0.318442, 0.332845];
/// The score of an answer that agrees as answers do on average.
pub(super) const BASE: f64 = 0.659414;
/// The sizes of references, in words, between which slopes are interpolated.
pub(super) const SIZES: [f64; 5] = [3.0, 9.0, 24.0, 60.0, 150.0];
/// How much better an answer is that agrees a standard deviation more: for each size, of scripts with spaces, and of those without.
pub(super) const SLOPES: [[f64; 5]; 2] =
    [[0.152249, 0.194447, 0.265771, 0.439092, 0.221623], [0.257842, 0.331206, 0.318930, 0.395161, 0.168884]];
