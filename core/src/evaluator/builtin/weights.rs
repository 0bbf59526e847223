//! What was learned from answers scored by people. Written by `make weights`; do not edit.
//!
//! From: beetle (4,371), saf_en (1,531), ads_zh (824), le_zh_tw (585) answers. SAF 2.0 (Filighera et al., ACL 2022; MIT), SemEval-2013 task 7 (Dzikovska et al.; CC BY 4.0), SAS-Datasets (Apache-2.0).

/// The mean of each measure, and its standard deviation.
pub(super) const MEAN: [f64; 8] = [0.618030, 0.730231, 0.602871, 0.706478, 0.645994, 0.747267, 0.569986, 0.665048];
pub(super) const DEVIATION: [f64; 8] = [0.266962, 0.273764, 0.299455, 0.294007, 0.291809, 0.283492, 0.318537, 0.332887];
/// The score of an answer that agrees as answers do on average.
pub(super) const BASE: f64 = 0.659414;
/// The sizes of references, in words, between which slopes are interpolated.
pub(super) const SIZES: [f64; 5] = [3.0, 9.0, 24.0, 60.0, 150.0];
/// How much better an answer is that agrees a standard deviation more: for each size, of scripts with spaces, and of those without.
pub(super) const SLOPES: [[f64; 5]; 2] =
    [[0.152118, 0.193670, 0.261749, 0.439102, 0.228372], [0.258077, 0.330630, 0.318859, 0.394813, 0.169574]];
