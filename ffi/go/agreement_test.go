package vivavoce

import (
	"encoding/json"
	"math"
	"reflect"
	"strings"
	"testing"
)

func TestRatersAgreeAsFarAsTheyDo(t *testing.T) {
	request := AgreementRequest{Raters: []Rater{
		{Name: "Ada", Scores: Scores{1, 2, 3, 4, 5}},
		{Name: "model", Scores: Scores{2, 2, 4, math.NaN(), 5}},
		{Name: "王小明", Scores: Scores{1, 3, 2, 5, 4}},
	}}
	found := must[*Agreement](t)(AgreementOf(request))
	if !reflect.DeepEqual(found.Raters, []string{"Ada", "model", "王小明"}) || found.Items != 5 || found.CompleteItems != 4 || len(found.Pairs) != 3 || found.Resamples != 1000 {
		t.Errorf("%+v", found)
	}
	first, second := found.Pairs[0], found.Pairs[1]
	if first.First != "Ada" || first.Second != "model" || first.Items != 4 || first.Bias.Value != -0.5 || *first.Bias.Low > -0.5 || *first.Bias.High < -0.5 {
		t.Errorf("%+v", first)
	}
	// 1 - 6 × 4 / (5 × 24), and 8 of 10 pairs in the same order.
	if math.Abs(second.Spearman.Value-0.8) > 1e-12 || math.Abs(second.Kendall.Value-0.6) > 1e-12 || second.LimitsOfAgreement.Lower.Value >= second.LimitsOfAgreement.Upper.Value {
		t.Errorf("%+v", second)
	}
	if found.ICC21.Value >= found.ICC2K.Value || found.KrippendorffAlpha == nil || found.Means.WeightedKappa == nil {
		t.Errorf("%+v", found)
	}
	if again := must[*Agreement](t)(AgreementOf(request)); !reflect.DeepEqual(again, found) {
		t.Errorf("%+v is not %+v", again, found)
	}
	none := uint32(0)
	request.Resamples, request.Seed = &none, 7
	if plain := must[*Agreement](t)(AgreementOf(request)); plain.Pairs[0].Bias.Low != nil || plain.Seed != 7 || plain.Resamples != 0 {
		t.Errorf("%+v", plain)
	}
}

func TestLevelsAreWhatKappasSee(t *testing.T) {
	request := AgreementRequest{Raters: []Rater{{"a", Scores{0.1, 0.6, 0.9}}, {"b", Scores{0.2, 0.4, 1}}}, Levels: 3}
	if found := must[*Agreement](t)(AgreementOf(request)); found.Pairs[0].CohenKappa.Value != 1 {
		t.Errorf("%+v", found.Pairs[0])
	}
}

func TestWhatIsUndefinedIsNil(t *testing.T) {
	found := must[*Agreement](t)(AgreementOf(AgreementRequest{Raters: []Rater{{"a", Scores{1, 1, 1}}, {"b", Scores{1, 1, 1}}}}))
	pair := found.Pairs[0]
	if found.ICC21 != nil || found.KrippendorffAlpha != nil || pair.Pearson != nil || pair.CohenKappa != nil || pair.Bias.Value != 0 {
		t.Errorf("%+v", found)
	}
}

func TestWrongRatingsSayWhere(t *testing.T) {
	for said, raters := range map[string][]Rater{
		"raters: 0 given, 2 to 50 allowed":           {},
		"missing field `raters`":                     nil,
		"raters: 1 given, 2 to 50 allowed":           {{"a", Scores{1, 2, 3}}},
		"raters[1].scores: 1 given, 3 of raters[0]":  {{"a", Scores{1, 2, 3}}, {"b", Scores{1}}},
		"raters[1].name is there twice":              {{"a", Scores{1, 2, 3}}, {"a", Scores{1, 2, 3}}},
		"the request has no JSON form":               {{"a", Scores{1, 2, math.Inf(1)}}, {"b", Scores{1, 2, 3}}},
		"the request holds text that is not UTF-8":   {{"\xff", Scores{1, 2, 3}}, {"b", Scores{1, 2, 3}}},
		"raters[0].scores[1] is not within -1000000": {{"a", Scores{1, 1e10, 3}}, {"b", Scores{1, 2, 3}}},
	} {
		if _, err := AgreementOf(AgreementRequest{Raters: raters}); !is(err, ErrInvalidInput) || !strings.Contains(err.Error(), said) {
			t.Errorf("%q: %v", said, err)
		}
	}
}

func TestGapsAreNull(t *testing.T) {
	written, err := json.Marshal(Scores{1, math.NaN(), 0.5})
	if err != nil || string(written) != "[1,null,0.5]" {
		t.Errorf("%s, %v", written, err)
	}
	var read Scores
	if err := json.Unmarshal(written, &read); err != nil || len(read) != 3 || read[0] != 1 || !math.IsNaN(read[1]) || read[2] != 0.5 {
		t.Errorf("%v, %v", read, err)
	}
	if err := json.Unmarshal([]byte(`["a"]`), &read); err == nil {
		t.Error("a text was read as a score")
	}
}
