//! The tables of benchmarks: a row for each figure, the machine, and medians.
#![allow(clippy::print_stdout, reason = "what was measured is the result")]

use std::process::Command;

/// Rounds of each figure; what is compared takes turns in them.
pub const ROUNDS: usize = 5;

/// The middle value.
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// The 99th percentile.
pub fn p99(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[(values.len() * 99 / 100).min(values.len() - 1)]
}

/// What a figure is to be.
pub enum Target {
    /// This or more.
    AtLeast(f64),
    /// This or less.
    AtMost(f64),
}

/// Prints a row: what was measured is `value` in `unit`, with `details` in words.
pub fn row(figure: &str, value: f64, unit: &str, details: &str, target: &Target) {
    let (sign, limit, reached) = match target {
        Target::AtLeast(limit) => ("≥", *limit, value >= *limit),
        Target::AtMost(limit) => ("≤", *limit, value <= *limit),
    };
    let places = if value >= 1000.0 { 0 } else { 2 };
    let details = if details.is_empty() { String::new() } else { format!(" ({details})") };
    println!(
        "| {figure} | {value:.places$}{unit}{details} | {sign} {limit}{unit} | {} |",
        if reached { "yes" } else { "**no**" }
    );
}

/// Prints a row of what is told and has no bound.
pub fn reported(figure: &str, value: &str) {
    println!("| {figure} | {value} | | |");
}

/// Prints the machine, and the head of the table.
pub fn heading() {
    let first = |file: &str, key: &str| {
        let text = std::fs::read_to_string(file).unwrap_or_default();
        let line = text.lines().find(|line| line.starts_with(key)).unwrap_or_default();
        line.rsplit(": ").next().unwrap_or_default().trim().to_owned()
    };
    let rustc = Command::new("rustc").arg("--version").output();
    let rustc = rustc.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned()).unwrap_or_default();
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let cpu = first("/proc/cpuinfo", "model name");
    let kernel = first("/proc/sys/kernel/osrelease", "");
    println!("{cores} cores, {cpu}; Linux {kernel}; {rustc}\n");
    println!("| figure | measured | target | reached |\n| --- | --- | --- | --- |");
}
