//! Two raters on the items that both rated. An item counts as often as a resample holds it, so that what is sorted is sorted once.

use super::FEWEST_ITEMS;
use crate::domain::limits;

/// Pearson, Spearman, Kendall, Cohen's kappa, the weighted one: what a mean over pairs can be taken of.
pub(super) const CORRELATIONS_AND_KAPPAS: usize = 5;
/// Those, the bias, and the lower and upper limit of agreement.
pub(super) const STATISTICS: usize = CORRELATIONS_AND_KAPPAS + 3;

/// How many standard deviations of a normal variable 95 % lie within.
const DEVIATIONS: f64 = 1.96;

/// An item that both rated.
struct Item {
    x: f64,
    y: f64,
    /// Its place among all items.
    place: u32,
    /// The places of its scores among the distinct ones of each rater.
    x_rank: u32,
    y_rank: u32,
    x_category: u32,
    y_category: u32,
}

pub(super) struct Pair {
    /// By rising `x`, then `y`.
    items: Vec<Item>,
    /// How often each of them counts.
    weights: Vec<u32>,
    has_categories: bool,
    x_ranks: Ranks,
    y_ranks: Ranks,
    x_categories: Vec<u64>,
    y_categories: Vec<u64>,
    /// A binary indexed tree over the ranks of `y`: how many items come up to one (Fenwick, "A new data structure for cumulative frequency tables", 1994).
    tree: Vec<u32>,
}

impl Pair {
    pub(super) fn new(first: &[Option<f64>], second: &[Option<f64>], categories: Option<(&[u32], &[u32])>) -> Self {
        let (mut places, mut xs, mut ys) = (Vec::new(), Vec::new(), Vec::new());
        for (place, (x, y)) in first.iter().zip(second).enumerate() {
            if let (Some(x), Some(y)) = (x, y) {
                places.push(place);
                xs.push(*x);
                ys.push(*y);
            }
        }
        let (x_ranks, x_distinct) = ranked(&xs);
        let (y_ranks, y_distinct) = ranked(&ys);
        let order: Vec<usize> = (0..places.len()).collect();
        let order = in_order(&in_order(&order, &y_ranks, y_distinct), &x_ranks, x_distinct);
        let item = |at: &usize| {
            let place = places[*at];
            let (x_category, y_category) = categories.map_or((0, 0), |(first, second)| (first[place], second[place]));
            let (x_rank, y_rank) = (x_ranks[*at], y_ranks[*at]);
            Item { x: xs[*at], y: ys[*at], place: place as u32, x_rank, y_rank, x_category, y_category }
        };
        Self {
            items: order.iter().map(item).collect(),
            weights: vec![0; places.len()],
            has_categories: categories.is_some(),
            x_ranks: Ranks::new(x_distinct),
            y_ranks: Ranks::new(y_distinct),
            x_categories: vec![0; limits::MAX_CATEGORIES],
            y_categories: vec![0; limits::MAX_CATEGORIES],
            tree: vec![0; y_distinct + 1],
        }
    }

    pub(super) fn items(&self) -> u32 {
        self.items.len() as u32
    }

    /// All statistics where each item counts as often as `weights` says.
    pub(super) fn statistics(&mut self, weights: &[u32]) -> [Option<f64>; STATISTICS] {
        let mut count = 0;
        let (mut x_sum, mut y_sum, mut difference_sum) = (0.0, 0.0, 0.0);
        self.x_ranks.clear();
        self.y_ranks.clear();
        for (item, kept) in self.items.iter().zip(&mut self.weights) {
            let weight = weights[item.place as usize];
            *kept = weight;
            count += u64::from(weight);
            self.x_ranks.counts[item.x_rank as usize] += weight;
            self.y_ranks.counts[item.y_rank as usize] += weight;
            let weight = f64::from(weight);
            x_sum += weight * item.x;
            y_sum += weight * item.y;
            difference_sum += weight * (item.x - item.y);
        }
        if count < FEWEST_ITEMS {
            return [None; STATISTICS];
        }
        self.x_ranks.count(count);
        self.y_ranks.count(count);

        let n = count as f64;
        let (x_mean, y_mean, bias) = (x_sum / n, y_sum / n, difference_sum / n);
        let (mut x_squares, mut y_squares, mut products, mut difference_squares) = (0.0, 0.0, 0.0, 0.0);
        let mut rank_products = 0.0;
        for (item, weight) in self.items.iter().zip(&self.weights) {
            let weight = f64::from(*weight);
            let (x, y, difference) = (item.x - x_mean, item.y - y_mean, item.x - item.y - bias);
            x_squares += weight * x * x;
            y_squares += weight * y * y;
            products += weight * x * y;
            difference_squares += weight * difference * difference;
            rank_products +=
                weight * self.x_ranks.centred[item.x_rank as usize] * self.y_ranks.centred[item.y_rank as usize];
        }
        // Whether all scores are the same is told by counting: sums of squares need not be exactly 0.
        let vary = !self.x_ranks.constant && !self.y_ranks.constant;
        let correlation = |products: f64, x_squares: f64, y_squares: f64| {
            let correlation = products / x_squares.sqrt() / y_squares.sqrt();
            (vary && correlation.is_finite()).then(|| correlation.clamp(-1.0, 1.0))
        };
        let pearson = correlation(products, x_squares, y_squares);
        let spearman = correlation(rank_products, self.x_ranks.squares, self.y_ranks.squares);
        let all = pairs(count);
        let (x_untied, y_untied) = (all - self.x_ranks.tied, all - self.y_ranks.tied);
        let (discordant, tied_in_both) = self.discordant();
        let concordant = all + tied_in_both - self.x_ranks.tied - self.y_ranks.tied - discordant;
        let kendall = correlation(concordant as f64 - discordant as f64, x_untied as f64, y_untied as f64);
        let (cohen, weighted) = if self.has_categories { self.kappas(count) } else { (None, None) };
        let spread = DEVIATIONS * (difference_squares / (n - 1.0)).sqrt();
        [pearson, spearman, kendall, cohen, weighted, Some(bias), Some(bias - spread), Some(bias + spread)]
    }

    /// How many pairs of items the raters order differently, and how many are tied in both. Knight, "A computer method for calculating Kendall's tau with ungrouped data", Journal
    /// of the American Statistical Association 61 (1966), with a tree in place of a sort, so that items that count several times are looked at once.
    fn discordant(&mut self) -> (u64, u64) {
        self.tree.fill(0);
        let (mut discordant, mut tied_in_both) = (0, 0);
        let mut before = 0;
        let (mut last, mut same) = (None, 0);
        for (item, weight) in self.items.iter().zip(&self.weights) {
            let weight = *weight;
            if weight == 0 {
                continue;
            }
            // Of those that tie in x the lower y come first, so that none is above.
            let mut not_above = 0;
            let mut node = item.y_rank as usize + 1;
            while node > 0 {
                not_above += self.tree[node];
                node &= node - 1;
            }
            discordant += u64::from(weight) * u64::from(before - not_above);
            node = item.y_rank as usize + 1;
            while node < self.tree.len() {
                self.tree[node] += weight;
                node += node & node.wrapping_neg();
            }
            before += weight;
            let this = Some((item.x_rank, item.y_rank));
            if this != last {
                tied_in_both += pairs(same);
                (last, same) = (this, 0);
            }
            same += u64::from(weight);
        }
        (discordant, tied_in_both + pairs(same))
    }

    /// Cohen, "A coefficient of agreement for nominal scales" (1960) and "Weighted kappa" (1968), in whole numbers. The squared distances that chance gives follow from the
    /// sums alone, without a matrix of all categories.
    fn kappas(&mut self, count: u64) -> (Option<f64>, Option<f64>) {
        self.x_categories.fill(0);
        self.y_categories.fill(0);
        let (mut same, mut distances) = (0, 0);
        for (item, weight) in self.items.iter().zip(&self.weights) {
            let weight = u64::from(*weight);
            self.x_categories[item.x_category as usize] += weight;
            self.y_categories[item.y_category as usize] += weight;
            same += weight * u64::from(item.x_category == item.y_category);
            let distance = u64::from(item.x_category.abs_diff(item.y_category));
            distances += weight * distance * distance;
        }
        let (mut by_chance, mut x_sum, mut y_sum, mut squares) = (0, 0, 0, 0);
        for (category, (x, y)) in self.x_categories.iter().zip(&self.y_categories).enumerate() {
            let category = category as u64;
            by_chance += x * y;
            x_sum += x * category;
            y_sum += y * category;
            squares += (x + y) * category * category;
        }
        let all = count * count;
        let distances_by_chance = count * squares - 2 * x_sum * y_sum;
        // Both have one and the same category: chance agrees as well as can be.
        if by_chance == all {
            return (None, None);
        }
        let cohen = ((count * same) as f64 - by_chance as f64) / (all - by_chance) as f64;
        let weighted = 1.0 - (count * distances) as f64 / distances_by_chance as f64;
        (Some(cohen), Some(weighted))
    }
}

/// One rater's distinct scores, rising.
struct Ranks {
    /// How many items have each.
    counts: Vec<u32>,
    /// Twice their mean rank, from the middle on: a whole number.
    centred: Vec<f64>,
    /// The sum of the squares of `centred`.
    squares: f64,
    /// How many pairs of items tie.
    tied: u64,
    /// Whether all items have the same score.
    constant: bool,
}

impl Ranks {
    fn new(distinct: usize) -> Self {
        Self { counts: vec![0; distinct], centred: vec![0.0; distinct], squares: 0.0, tied: 0, constant: false }
    }

    fn clear(&mut self) {
        self.counts.fill(0);
    }

    fn count(&mut self, all: u64) {
        (self.squares, self.tied, self.constant) = (0.0, 0, false);
        let mut below = 0;
        for (count, centred) in self.counts.iter().zip(&mut self.centred) {
            let count = u64::from(*count);
            *centred = (2 * below + count) as f64 - all as f64;
            self.squares += count as f64 * *centred * *centred;
            self.tied += pairs(count);
            self.constant |= count == all;
            below += count;
        }
    }
}

/// The place of each score among the distinct ones, and how many of those there are. (Sorts of other types and orders would each add their own code to the C library.)
fn ranked(scores: &[f64]) -> (Vec<u32>, usize) {
    let mut distinct = scores.to_vec();
    distinct.sort_by(f64::total_cmp);
    distinct.dedup();
    let ranks = scores.iter().map(|score| distinct.partition_point(|known| known < score) as u32);
    (ranks.collect(), distinct.len())
}

/// What is given in `order`, by rising rank; those of the same rank stay in their order.
fn in_order(order: &[usize], ranks: &[u32], distinct: usize) -> Vec<usize> {
    let mut next = vec![0; distinct + 1];
    for rank in ranks {
        next[*rank as usize + 1] += 1;
    }
    for rank in 0..distinct {
        next[rank + 1] += next[rank];
    }
    let mut ordered = vec![0; order.len()];
    for at in order {
        let place = &mut next[ranks[*at] as usize];
        ordered[*place] = *at;
        *place += 1;
    }
    ordered
}

/// How many pairs there are of so many.
fn pairs(count: u64) -> u64 {
    count * count.saturating_sub(1) / 2
}
