//! Against what is known by hand or from the literature, and what holds for any ratings. What other libraries compute of the same ratings is in `python/tests/test_agreement.py`.

use proptest::prelude::*;

use super::*;
use crate::ErrorKind;
use crate::domain::limits;

fn close(actual: Option<Estimate>, expected: f64, within: f64) {
    let actual = actual.expect("a value").value;
    assert!((actual - expected).abs() <= within, "{actual} is not {expected}");
}

fn of(request: AgreementRequest) -> Agreement {
    Agreement::of(&request).unwrap()
}

fn pair(first: &[f64], second: &[f64]) -> PairAgreement {
    let request = AgreementRequest::new().rater("a", first.iter().copied()).rater("b", second.iter().copied());
    of(request.resamples(0)).pairs.remove(0)
}

#[test]
fn a_pair_worked_out_by_hand() {
    let pair = pair(&[1.0, 2.0, 3.0, 4.0, 5.0], &[1.0, 3.0, 2.0, 5.0, 4.0]);
    assert_eq!((pair.first.as_str(), pair.second.as_str(), pair.items), ("a", "b", 5));
    close(pair.pearson, 0.8, 1e-15);
    // 1 - 6 × 4 / (5 × 24).
    close(pair.spearman, 0.8, 1e-15);
    // 8 of 10 pairs in the same order.
    close(pair.kendall, 0.6, 1e-15);
    // One of five the same, and one of five by chance.
    close(pair.cohen_kappa, 0.0, 1e-15);
    // 1 - 4 / (2 × 55 - 2 × 15 × 15 / 5).
    close(pair.weighted_kappa, 0.8, 1e-15);
    close(pair.bias, 0.0, 1e-15);
    let limits = pair.limits_of_agreement.unwrap();
    close(Some(limits.lower), -1.96, 1e-15);
    close(Some(limits.upper), 1.96, 1e-15);
}

#[test]
fn cohens_kappa_of_the_usual_table() {
    // 20 yes by both, 5 and 10 by one alone, 15 no by both: 0.7 seen, 0.5 by chance.
    let table = [(1.0, 1.0, 20), (1.0, 0.0, 5), (0.0, 1.0, 10), (0.0, 0.0, 15)];
    let ratings: Vec<_> = table.iter().flat_map(|&(x, y, count)| std::iter::repeat_n((x, y), count)).collect();
    let (first, second): (Vec<_>, Vec<_>) = ratings.into_iter().unzip();
    let pair = pair(&first, &second);
    close(pair.cohen_kappa, 0.4, 1e-15);
    // With two categories all disagreements are as far.
    close(pair.weighted_kappa, 0.4, 1e-15);
}

#[test]
fn ties_are_those_of_tau_b() {
    // 8 pairs in order, 1 not; 1 tied in both, of x 1 and of y 1 in all.
    let pair = pair(&[1.0, 1.0, 2.0, 3.0, 4.0], &[2.0, 2.0, 1.0, 4.0, 5.0]);
    close(pair.kendall, 5.0 / 9.0, 1e-15);
}

#[test]
fn the_intraclass_correlations_of_shrout_and_fleiss() {
    let judges = [
        [9.0, 6.0, 8.0, 7.0, 10.0, 6.0],
        [2.0, 1.0, 4.0, 1.0, 5.0, 2.0],
        [5.0, 3.0, 6.0, 2.0, 6.0, 4.0],
        [8.0, 2.0, 8.0, 6.0, 9.0, 7.0],
    ];
    let request = judges.iter().zip(1..).fold(AgreementRequest::new(), |request, (scores, number)| {
        request.rater(format!("judge {number}"), scores.iter().copied())
    });
    let agreement = of(request);
    close(agreement.icc_2_1, 0.29, 0.005);
    close(agreement.icc_2_k, 0.62, 0.005);
    assert_eq!((agreement.items, agreement.complete_items, agreement.pairs.len()), (6, 6, 6));
}

#[test]
fn the_alpha_of_krippendorffs_example() {
    const NO: Option<f64> = None;
    let row = |scores: [u8; 12]| scores.map(|score| if score == 0 { NO } else { Some(f64::from(score)) });
    let request = AgreementRequest::new()
        .rater("A", row([1, 2, 3, 3, 2, 1, 4, 1, 2, 0, 0, 0]))
        .rater("B", row([1, 2, 3, 3, 2, 2, 4, 1, 2, 5, 0, 3]))
        .rater("C", row([0, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, 0]))
        .rater("D", row([1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, 0]));
    let agreement = of(request);
    close(agreement.krippendorff_alpha, 0.849, 0.0005);
    assert_eq!((agreement.items, agreement.complete_items), (12, 8));
    assert_eq!(agreement.pairs.iter().map(|pair| pair.items).collect::<Vec<_>>(), [9, 8, 9, 9, 10, 10]);
}

#[test]
fn means_are_those_of_all_pairs() {
    let request = AgreementRequest::new()
        .rater("a", [1.0, 2.0, 3.0, 4.0])
        .rater("b", [1.0, 3.0, 2.0, 4.0])
        .rater("c", [4.0, 3.0, 2.0, 1.0]);
    let agreement = of(request.clone());
    let mean = agreement.pairs.iter().map(|pair| pair.kendall.unwrap().value).sum::<f64>() / 3.0;
    close(agreement.means.kendall, mean, 1e-15);
    // One pair without a value, and there is no mean.
    let agreement = of(request.rater("d", [2.0; 4]));
    assert_eq!((agreement.means.pearson, agreement.means.spearman, agreement.means.kendall), (None, None, None));
    assert!(agreement.means.cohen_kappa.is_some());
}

#[test]
fn what_is_undefined_is_absent() {
    let constant = pair(&[0.1; 4], &[0.2, 0.4, 0.1, 0.3]);
    assert_eq!((constant.pearson, constant.spearman, constant.kendall), (None, None, None));
    close(constant.cohen_kappa, 0.0, 1e-15);
    assert!(constant.bias.is_some() && constant.limits_of_agreement.is_some());

    // Three tenths have no exact mean; nothing may come of that.
    let same = of(AgreementRequest::new().rater("a", [0.1; 3]).rater("b", [0.1; 3]));
    assert_eq!((same.icc_2_1, same.icc_2_k, same.krippendorff_alpha), (None, None, None));
    assert_eq!((same.pairs[0].cohen_kappa, same.pairs[0].weighted_kappa), (None, None));
    close(same.pairs[0].bias, 0.0, 0.0);

    let few = of(AgreementRequest::new().rater("a", [1.0, 2.0]).rater("b", [1.0, 2.0]));
    assert_eq!((few.items, few.pairs[0].items, few.pairs[0].bias), (2, 2, None));
    assert_eq!((few.icc_2_1, few.krippendorff_alpha), (None, None));

    let apart = of(AgreementRequest::new().rater("a", [Some(1.0), None]).rater("b", [None, Some(2.0)]));
    assert_eq!((apart.complete_items, apart.pairs[0].items), (0, 0));

    // The mean of two who contradict each other is the same for all items, and says nothing.
    let opposed = of(AgreementRequest::new().rater("a", [1.0, 2.0, 3.0]).rater("b", [-1.0, -2.0, -3.0]).resamples(0));
    assert_eq!(opposed.icc_2_k.map(|icc| icc.value > 0.0), Some(false));
    let opposed = of(AgreementRequest::new().rater("a", [1.0, 2.0, 3.0]).rater("b", [3.0, 2.0, 1.0]).resamples(0));
    assert_eq!(opposed.icc_2_k, None);
    assert!(opposed.icc_2_1.is_some_and(|icc| icc.value < 0.0));
}

#[test]
fn kappas_need_categories() {
    let scores = |shift: f64| (0..200).map(move |item| f64::from(item) / 199.0 * 0.9 + shift);
    let request = AgreementRequest::new().rater("a", scores(0.0)).rater("b", scores(0.1)).resamples(0);
    assert_eq!(of(request.clone()).pairs[0].cohen_kappa, None);
    let levels = of(request.levels(2));
    let (first, second): (Vec<_>, Vec<_>) =
        scores(0.0).zip(scores(0.1)).map(|(a, b)| (f64::from(a >= 0.5), f64::from(b >= 0.5))).unzip();
    close(levels.pairs[0].cohen_kappa, pair(&first, &second).cohen_kappa.unwrap().value, 1e-15);
    // Nothing else looks at the levels.
    close(levels.pairs[0].pearson, 1.0, 1e-12);
    close(levels.pairs[0].bias, -0.1, 1e-12);
}

#[test]
fn categories_are_those_of_all_raters() {
    // Between a and b alone 1 and 3 would be neighbours; c knows a 2 between.
    let request = AgreementRequest::new()
        .rater("a", [1.0, 1.0, 3.0, 5.0])
        .rater("b", [1.0, 3.0, 3.0, 5.0])
        .rater("c", [2.0, 2.0, 4.0, 4.0]);
    // 1 - 4 / (categories 0, 0, 2, 4 against 0, 2, 2, 4: 20 + 24 - 2 × 6 × 8 / 4).
    close(of(request).pairs[0].weighted_kappa, 0.8, 1e-15);
}

#[test]
fn a_request_says_where_it_is_wrong() {
    let two = || AgreementRequest::new().rater("a", [0.0, 0.5, 1.0]).rater("b", [0.0, 0.5, 1.0]);
    let many = (0..51).fold(AgreementRequest::new(), |request, number| request.rater(number.to_string(), [1.0]));
    let most = AgreementRequest { raters: many.raters[1..].to_vec(), ..AgreementRequest::new() };
    let long = vec![1.0; limits::MAX_ITEMS + 1];
    let costly = vec![1.0; limits::MAX_ITEMS];
    let costly = (0..5).fold(AgreementRequest::new(), |it, number| it.rater(number.to_string(), costly.clone()));
    for (request, said) in [
        (AgreementRequest::new().rater("a", [1.0]), "raters: 1 given, 2 to 50 allowed"),
        (many, "raters: 51 given, 2 to 50 allowed"),
        (AgreementRequest::new().rater("a", [0.0; 0]).rater("b", [0.0; 0]), "raters[0].scores: 0 given, 1 to 100000"),
        (AgreementRequest::new().rater("a", long.clone()).rater("b", long), "raters[0].scores: 100001 given"),
        (two().rater("c", [1.0]), "raters[2].scores: 1 given, 3 of raters[0]"),
        (two().rater("a", [1.0; 3]), "raters[2].name is there twice"),
        (two().rater(" ", [1.0; 3]), "raters[2].name is empty"),
        (two().rater("c", [1.0, f64::NAN, 1.0]), "raters[2].scores[1] is not within -1000000000 to 1000000000"),
        (two().rater("c", [1.0, 1.0, f64::INFINITY]), "raters[2].scores[2] is not within"),
        (two().rater("c", [1.0, 1.0, -2e9]), "raters[2].scores[2] is not within"),
        (two().rater("c", [1.0, 1.5, 1.0]).levels(5), "raters[2].scores[1] is not within 0 to 1, which levels are for"),
        (two().levels(1), "levels: 1 given, 2 to 100 allowed"),
        (two().levels(101), "levels: 101 given, 2 to 100 allowed"),
        (two().resamples(10_001), "resamples: 10001 given, 0 to 10000 allowed for 1 pairs of 3 items"),
        (costly.resamples(301), "resamples: 301 given, 0 to 300 allowed for 10 pairs of 100000 items"),
        (most.resamples(2_449), "resamples: 2449 given, 0 to 2448 allowed for 1225 pairs of 1 items"),
    ] {
        let error = Agreement::of(&request).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        assert!(error.to_string().starts_with(said), "{error}");
    }
}

#[test]
fn both_are_documents() {
    let request: AgreementRequest = crate::from_json(
        "request",
        r#"{"raters": [{"name": "a", "scores": [1, 2, 3]}, {"name": "b", "scores": [1, 1, null]}]}"#,
    )
    .unwrap();
    assert_eq!((request.resamples, request.seed, request.levels), (1_000, 0, None));
    assert_eq!(request, AgreementRequest::new().rater("a", [1.0, 2.0, 3.0]).rater("b", [Some(1.0), Some(1.0), None]));
    let agreement = of(request);
    let json = serde_json::to_string(&agreement).unwrap();
    assert_eq!(serde_json::from_str::<Agreement>(&json).unwrap(), agreement);
    assert!(!json.contains("null") && !json.contains("pearson"), "{json}");
}

#[test]
fn the_same_request_gives_the_same_document_and_another_seed_other_intervals() {
    let request =
        AgreementRequest::new().rater("a", [1.0, 2.0, 3.0, 4.0, 2.0, 5.0]).rater("b", [2.0, 2.0, 3.0, 5.0, 1.0, 5.0]);
    let agreement = of(request.clone());
    assert_eq!(agreement, of(request.clone()));
    let other = of(request.clone().seed(1));
    assert_eq!(agreement.pairs[0].bias.unwrap().value, other.pairs[0].bias.unwrap().value);
    assert_ne!(agreement.krippendorff_alpha, other.krippendorff_alpha);
    let none = of(request.resamples(0)).pairs[0].bias.unwrap();
    assert_eq!((none.low, none.high), (None, None));
}

#[test]
fn intervals_cover_what_is_true() {
    // Two raters of one truth, each with an error of its own, as large as what they rate: a correlation of 0.5.
    let mut state = 1_u64;
    let mut noise = move || {
        let mut sum = -6.0;
        for _ in 0..12 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            sum += (state >> 11) as f64 / (1_u64 << 53) as f64;
        }
        sum
    };
    let mut covered = 0;
    for _ in 0..100 {
        let (first, second): (Vec<_>, Vec<_>) = (0..40)
            .map(|_| {
                let truth = noise();
                (truth + noise(), truth + noise())
            })
            .unzip();
        let request = AgreementRequest::new().rater("a", first).rater("b", second).resamples(200);
        let icc = of(request).icc_2_1.unwrap();
        covered += u32::from(icc.low.unwrap() <= 0.5 && 0.5 <= icc.high.unwrap());
    }
    assert!((86..=99).contains(&covered), "{covered} of 100");
}

/// Scores with ties and gaps: rows of two to five raters.
fn ratings() -> impl Strategy<Value = Vec<Vec<Option<f64>>>> {
    let score = prop_oneof![
        1 => Just(None),
        4 => (0_u8..5).prop_map(|score| Some(f64::from(score))),
        2 => (-100.0..100.0).prop_map(Some),
    ];
    (2_usize..6, 1_usize..25).prop_flat_map(move |(raters, items)| {
        proptest::collection::vec(proptest::collection::vec(score.clone(), items), raters)
    })
}

fn request(rows: &[Vec<Option<f64>>]) -> AgreementRequest {
    let named = rows.iter().zip(0..);
    named.fold(AgreementRequest::new(), |it, (row, number)| it.rater(number.to_string(), row.clone())).resamples(0)
}

/// The value of everything, in a fixed order.
fn values(agreement: &Agreement) -> Vec<Option<f64>> {
    let mut all = vec![agreement.icc_2_1, agreement.icc_2_k, agreement.krippendorff_alpha];
    for pair in &agreement.pairs {
        all.extend([pair.pearson, pair.spearman, pair.kendall, pair.cohen_kappa, pair.weighted_kappa, pair.bias]);
        all.extend([pair.limits_of_agreement.map(|it| it.lower), pair.limits_of_agreement.map(|it| it.upper)]);
    }
    all.into_iter().map(|estimate| estimate.map(|estimate| estimate.value)).collect()
}

fn alike(first: &[Option<f64>], second: &[Option<f64>]) -> bool {
    let near = |(a, b): (&Option<f64>, &Option<f64>)| match (a, b) {
        (Some(a), Some(b)) => (a - b).abs() <= 1e-9 * a.abs().max(1.0),
        (a, b) => a == b,
    };
    first.len() == second.len() && first.iter().zip(second).all(near)
}

proptest! {
    #[test]
    fn the_order_of_the_items_does_not_matter(
        (rows, order) in ratings().prop_flat_map(|rows| {
            let order = Just((0..rows[0].len()).collect::<Vec<_>>()).prop_shuffle();
            (Just(rows), order)
        }),
    ) {
        let shuffled: Vec<Vec<_>> = rows.iter().map(|row| order.iter().map(|place| row[*place]).collect()).collect();
        let (one, other) = (values(&of(request(&rows))), values(&of(request(&shuffled))));
        prop_assert!(alike(&one, &other), "{one:?} {other:?}");
    }

    #[test]
    fn an_item_that_counts_twice_is_two_items(rows in ratings(), seed in any::<u32>()) {
        let items = rows[0].len();
        let draws = Draws::new(items, 1, seed);
        draws.each(&mut |_, weights| {
            let repeat = |row: &Vec<Option<f64>>| {
                row.iter().zip(weights).flat_map(|(it, weight)| std::iter::repeat_n(*it, *weight as usize)).collect()
            };
            let repeated: Vec<Vec<_>> = rows.iter().map(repeat).collect();
            // Where a category is not drawn, those that are have other places.
            let categories = request(&rows).categories().unwrap();
            let repeat = |codes: &Vec<u32>| -> Vec<u32> {
                codes.iter().zip(weights).flat_map(|(it, weight)| std::iter::repeat_n(*it, *weight as usize)).collect()
            };
            let codes: Vec<_> = categories.iter().map(repeat).collect();
            let mut drawn = Pair::new(&rows[0], &rows[1], Some((&categories[0], &categories[1])));
            let mut whole = Pair::new(&repeated[0], &repeated[1], Some((&codes[0], &codes[1])));
            let (one, other) = (drawn.statistics(weights), whole.statistics(&vec![1; items]));
            assert!(alike(&one, &other), "{one:?} {other:?}");
            let one = Panel::new(&request(&rows).raters, items).statistics(weights);
            let other = Panel::new(&request(&repeated).raters, items).statistics(&vec![1; items]);
            assert!(alike(&one, &other), "{one:?} {other:?}");
        });
    }

    #[test]
    fn raters_who_change_places_agree_as_much(rows in ratings()) {
        let swapped: Vec<_> = [rows[1].clone(), rows[0].clone()].into_iter().chain(rows[2..].iter().cloned()).collect();
        let (one, other) = (of(request(&rows)), of(request(&swapped)));
        let (mut ones, others) = (values(&one), values(&other));
        prop_assert!(alike(&ones[..8], &others[..8]));
        // The first of all pairs is theirs: its bias turns around, and its limits with it.
        let turned = [ones[8], ones[10], ones[9]].map(|value| value.map(|value| -value));
        ones[8..11].copy_from_slice(&turned);
        prop_assert!(alike(&ones[8..11], &others[8..11]), "{ones:?} {others:?}");
    }

    #[test]
    fn another_scale_changes_nothing_but_the_differences(rows in ratings(), factor in 0.01..100.0, shift in -1e6..1e6) {
        let mapped: Vec<Vec<_>> =
            rows.iter().map(|row| row.iter().map(|score| score.map(|score| score * factor + shift)).collect()).collect();
        let (one, other) = (of(request(&rows)), of(request(&mapped)));
        // What a shift of a million leaves of the digits.
        let near = |a: Option<Estimate>, b: Option<Estimate>| match (a, b) {
            (Some(a), Some(b)) => (a.value - b.value).abs() <= 1e-4 * a.value.abs().max(1.0),
            // A denominator may be 0 in one and nearly so in the other.
            (a, b) => a.or(b).is_none_or(|it| it.value.abs() > 1e3),
        };
        prop_assert!(near(one.icc_2_1, other.icc_2_1));
        prop_assert!(near(one.krippendorff_alpha, other.krippendorff_alpha));
        for (one, other) in one.pairs.iter().zip(&other.pairs) {
            prop_assert!(near(one.pearson, other.pearson));
        }
    }

    #[test]
    fn every_value_is_within_its_bounds(rows in ratings()) {
        let agreement = of(request(&rows).resamples(20));
        let json = serde_json::to_string(&agreement).unwrap();
        prop_assert!(!json.contains("null"), "{json}");
        for pair in &agreement.pairs {
            for estimate in [pair.pearson, pair.spearman, pair.kendall].into_iter().flatten() {
                prop_assert!((-1.0..=1.0).contains(&estimate.value));
                prop_assert!(estimate.low.is_none_or(|low| -1.0 <= low && low <= estimate.high.unwrap()));
            }
            for estimate in [pair.cohen_kappa, pair.weighted_kappa].into_iter().flatten() {
                prop_assert!((-1.0..=1.0).contains(&estimate.value));
            }
            if let Some(limits) = pair.limits_of_agreement {
                prop_assert!(limits.lower.value <= pair.bias.unwrap().value);
                prop_assert!(limits.upper.value >= pair.bias.unwrap().value);
            }
        }
        for estimate in [agreement.icc_2_1, agreement.krippendorff_alpha].into_iter().flatten() {
            prop_assert!(estimate.value <= 1.0 + 1e-12);
        }
    }

    #[test]
    fn kendall_is_what_comparing_each_pair_gives(
        scores in proptest::collection::vec((0_i32..6, 0_i32..6), 3..40),
    ) {
        let (mut ordered, mut x_untied, mut y_untied) = (0, 0, 0);
        for (place, (x, y)) in scores.iter().enumerate() {
            for (other_x, other_y) in &scores[..place] {
                ordered += (x - other_x).signum() * (y - other_y).signum();
                x_untied += i32::from(x != other_x);
                y_untied += i32::from(y != other_y);
            }
        }
        let (first, second): (Vec<_>, Vec<_>) = scores.into_iter().map(|(x, y)| (f64::from(x), f64::from(y))).unzip();
        let kendall = pair(&first, &second).kendall;
        if x_untied == 0 || y_untied == 0 {
            prop_assert_eq!(kendall, None);
        } else {
            let expected = f64::from(ordered) / f64::from(x_untied).sqrt() / f64::from(y_untied).sqrt();
            prop_assert!((kendall.unwrap().value - expected).abs() < 1e-12);
        }
    }
}
