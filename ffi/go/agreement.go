package vivavoce

// #include "calls.h"
import "C"

import (
	"encoding/json"
	"math"
)

// Scores of a rater, an item each, in the order that all raters have. NaN, in JSON null, is a gap.
type Scores []float64

// MarshalJSON writes null for NaN.
func (s Scores) MarshalJSON() ([]byte, error) {
	scores := make([]*float64, len(s))
	for item := range s {
		if !math.IsNaN(s[item]) {
			scores[item] = &s[item]
		}
	}
	return json.Marshal(scores)
}

// UnmarshalJSON reads NaN for null.
func (s *Scores) UnmarshalJSON(data []byte) error {
	var scores []*float64
	if err := json.Unmarshal(data, &scores); err != nil {
		return err
	}
	*s = make(Scores, len(scores))
	for item, score := range scores {
		(*s)[item] = math.NaN()
		if score != nil {
			(*s)[item] = *score
		}
	}
	return nil
}

// A Rater is a person or a model.
type Rater struct {
	// Name has 1 to 200 characters, and is unique in the request.
	Name string `json:"name"`
	// Scores are as many as those of the other raters.
	Scores Scores `json:"scores"`
}

// An AgreementRequest has the ratings of the same items by several raters, and says how to look at them.
type AgreementRequest struct {
	// Raters are 2 to 50, each with at most 100,000 scores.
	Raters []Rater `json:"raters,omitzero"`
	// Levels is how many categories the kappas see, 2 to 100: scores of 0 to 1 count as the nearest of so many equally spaced levels, and as the upper one halfway. With 0, the
	// distinct scores of all raters are the categories, which suits scales of whole numbers. Nothing else looks at it.
	Levels uint32 `json:"levels,omitempty"`
	// Resamples is how many resamples the intervals are of, up to 10,000; nil for 1,000. With 0 there are no intervals.
	Resamples *uint32 `json:"resamples,omitempty"`
	// Seed is where the generator of the resamples starts.
	Seed uint32 `json:"seed,omitempty"`
}

// An Estimate is a statistic of the ratings as they are, and the 95 % interval that it lies in over resamples of the items.
type Estimate struct {
	// Value is the statistic.
	Value float64 `json:"value"`
	// Low is the lower end; nil where more than one in ten resamples have no value, or none were asked for.
	Low *float64 `json:"low,omitempty"`
	// High is the upper end; there where the lower is.
	High *float64 `json:"high,omitempty"`
}

// LimitsOfAgreement are where 95 % of the differences between two raters lie, if they are normal (Bland and Altman, 1986).
type LimitsOfAgreement struct {
	// Lower is the bias less 1.96 standard deviations of the differences (with n - 1).
	Lower Estimate `json:"lower"`
	// Upper is the bias and 1.96 standard deviations.
	Upper Estimate `json:"upper"`
}

// A PairAgreement says how far two raters agree on the items that both rated. Everything is nil with fewer than 3 such items.
type PairAgreement struct {
	// First is the name of the one.
	First string `json:"first"`
	// Second is the name of the other, who comes later in the request.
	Second string `json:"second"`
	// Items is how many items both rated.
	Items uint32 `json:"items"`
	// Pearson is Pearson's correlation, -1 to 1; nil where one of them gave all items the same score.
	Pearson *Estimate `json:"pearson,omitempty"`
	// Spearman is Spearman's rank correlation, -1 to 1, ties with their mean rank; nil as Pearson is.
	Spearman *Estimate `json:"spearman,omitempty"`
	// Kendall is Kendall's tau-b, -1 to 1; nil as Pearson is.
	Kendall *Estimate `json:"kendall,omitempty"`
	// CohenKappa is Cohen's kappa over categories, up to 1, which is perfect; 0 is what chance gives. Nil where both gave all items the same one category, and without Levels where
	// there are more than 100 distinct scores.
	CohenKappa *Estimate `json:"cohen_kappa,omitempty"`
	// WeightedKappa is Cohen's kappa with disagreements weighted by the square of their distance in categories; nil as CohenKappa is.
	WeightedKappa *Estimate `json:"weighted_kappa,omitempty"`
	// Bias is the mean of the first rater's scores less the second's: above 0 where the first is the more generous.
	Bias *Estimate `json:"bias,omitempty"`
	// LimitsOfAgreement are where single differences lie.
	LimitsOfAgreement *LimitsOfAgreement `json:"limits_of_agreement,omitempty"`
}

// PairMeans are the means of what all pairs of raters have; each is nil where one pair has none.
type PairMeans struct {
	// Pearson is the mean of Pearson's correlations.
	Pearson *Estimate `json:"pearson,omitempty"`
	// Spearman is the mean of Spearman's.
	Spearman *Estimate `json:"spearman,omitempty"`
	// Kendall is the mean of Kendall's tau-b.
	Kendall *Estimate `json:"kendall,omitempty"`
	// CohenKappa is the mean of Cohen's kappas (Light's kappa).
	CohenKappa *Estimate `json:"cohen_kappa,omitempty"`
	// WeightedKappa is the mean of the weighted kappas.
	WeightedKappa *Estimate `json:"weighted_kappa,omitempty"`
}

// An Agreement says how far raters agree; see [AgreementOf].
type Agreement struct {
	// Raters are who rated, in the order of the request.
	Raters []string `json:"raters"`
	// Items is how many items there are, rated or not.
	Items uint32 `json:"items"`
	// CompleteItems is how many items all of them rated.
	CompleteItems uint32 `json:"complete_items"`
	// Pairs are each rater with each that comes later.
	Pairs []PairAgreement `json:"pairs"`
	// Means are those over pairs.
	Means PairMeans `json:"means"`
	// ICC21 is ICC(2,1): how far one rater's score stands for that of any other, systematic differences counted as disagreement. Over the complete items alone; nil with fewer than 3
	// of them, and where all scores are the same.
	ICC21 *Estimate `json:"icc_2_1,omitempty"`
	// ICC2K is ICC(2,k): the same of the mean of all these raters' scores. Nil as ICC21 is, and where its denominator is not above 0, which takes raters who contradict each other.
	ICC2K *Estimate `json:"icc_2_k,omitempty"`
	// KrippendorffAlpha is Krippendorff's alpha at the interval level, up to 1, which is perfect; 0 is what chance gives. Over all items that two raters or more have rated, gaps or
	// not; nil with fewer than 3 of them, and where all their scores are the same.
	KrippendorffAlpha *Estimate `json:"krippendorff_alpha,omitempty"`
	// Resamples is how many resamples the intervals are of.
	Resamples uint32 `json:"resamples"`
	// Seed is where the generator of the resamples started.
	Seed uint32 `json:"seed"`
}

// AgreementOf says how far raters agree, people or models. It needs no engine, and computes for seconds where there is much; the same request gives the same result on every machine.
//
// [ErrInvalidInput] where a limit is broken, which the message names.
func AgreementOf(request AgreementRequest) (*Agreement, error) {
	given, err := encode("the request", request)
	if err != nil {
		return nil, err
	}
	r := C.vvgo_agreement(chars(given), C.size_t(len(given)))
	if r.status != C.VV_OK {
		return nil, failed(&r)
	}
	return document[*Agreement](&r)
}
