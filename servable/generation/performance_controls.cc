#include "servable/generation/performance_controls.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "servable/base/status.h"
#include "servable/generation/python_literal.h"

namespace magenta_serving {
namespace {

using Kind = PythonLiteral::Kind;
using Signals = PerformanceControlEncoder::Signals;

constexpr double kDefaultNoteDensity = 15;

absl::Status TypeError(absl::string_view text) { return MagentaError("TypeError", text); }

bool IsSequence(const PythonLiteral& value) {
  return value.kind == Kind::kList || value.kind == Kind::kTuple;
}

// The validate methods of the control signals. Comparing a complex number raises in Python.
absl::StatusOr<bool> IsDensity(const PythonLiteral& value) {
  if (value.other == "complex") {
    return TypeError("'>=' not supported between instances of 'complex' and 'float'");
  }
  return value.IsNumber() && value.number >= 0;
}

bool IsHistogram(const PythonLiteral& value) {
  return value.kind == Kind::kList && value.items.size() == kNotesPerOctave &&
         absl::c_all_of(value.items, [](const PythonLiteral& item) {
           return item.IsNumber() || item.other == "complex";
         });
}

bool IsFlag(const PythonLiteral& value) { return value.kind == Kind::kBool; }

// A single density as a list of it; other values as they are. Python looks at the items of a list
// up to the first that is no density.
absl::StatusOr<PythonLiteral> AsDensities(PythonLiteral value) {
  MS_ASSIGN_OR_RETURN(const bool is_density, IsDensity(value));
  if (is_density) return PythonLiteral::List({std::move(value)});
  if (value.kind == Kind::kList) {
    for (const PythonLiteral& item : value.items) {
      MS_ASSIGN_OR_RETURN(const bool is_item, IsDensity(item));
      if (!is_item) break;
    }
  }
  return value;
}

// Python's sum of the values, which are numbers in what can be used.
absl::StatusOr<double> Sum(const PythonLiteral& values) {
  if (!IsSequence(values)) {
    if (values.is_empty_string) return 0.0;
    return TypeError(absl::StrCat("a sum cannot be made of '", values.TypeName(), "'"));
  }
  double sum = 0;
  for (const PythonLiteral& value : values.items) {
    if (!value.IsNumber()) {
      return TypeError(
          absl::StrCat("unsupported operand type(s) for +: 'int' and '", value.TypeName(), "'"));
    }
    sum += value.number;
  }
  return sum;
}

absl::StatusOr<double> MeanDensity(const PythonLiteral& densities) {
  MS_ASSIGN_OR_RETURN(const double sum, Sum(densities));
  if (densities.items.empty()) return MagentaError("ZeroDivisionError", "division by zero");
  const bool is_integer = absl::c_none_of(
      densities.items, [](const PythonLiteral& item) { return item.kind == Kind::kFloat; });
  if (is_integer && std::isinf(sum)) {
    return MagentaError("OverflowError", "integer division result too large for a float");
  }
  return sum / static_cast<double>(densities.items.size());
}

// Python's error when the values are asked for one of them.
absl::Status CheckIndexable(const PythonLiteral& values) {
  if (!IsSequence(values) && values.kind != Kind::kString) {
    return TypeError(absl::StrCat("object of type '", values.TypeName(), "' has no items"));
  }
  if (values.is_empty_string || (IsSequence(values) && values.items.empty())) {
    return MagentaError("IndexError", absl::StrCat(values.TypeName(), " index out of range"));
  }
  return absl::OkStatus();
}

// What encoding the value as a histogram gives.
absl::StatusOr<PitchHistogram> HistogramOf(const PythonLiteral& value) {
  if (!IsSequence(value)) {
    return TypeError(absl::StrCat("'", value.TypeName(), "' is not a list of weights"));
  }
  MS_RETURN_IF_ERROR(Sum(value).status());
  PitchHistogram histogram;
  if (value.items.size() != histogram.size()) {
    return MagentaError("ValueError",
                        absl::StrCat("a pitch class histogram has ", value.items.size(),
                                     " weights, not ", histogram.size()));
  }
  absl::c_transform(value.items, histogram.begin(),
                    [](const PythonLiteral& item) { return item.number; });
  return histogram;
}

// The value that is given for a control; nullopt without one.
absl::StatusOr<std::optional<PythonLiteral>> ParseControl(const char* name,
                                                          const ControlText& text) {
  const std::optional<std::string> given = text(name);
  if (!given.has_value()) return std::optional<PythonLiteral>();
  MS_ASSIGN_OR_RETURN(PythonLiteral value, ParsePythonLiteral(*given));
  return std::optional<PythonLiteral>(std::move(value));
}

void KeepFirst(const absl::Status& status, absl::Status* first) {
  if (first->ok()) *first = status;
}

template <class IsValid>
absl::Status CheckText(const char* name, const ControlText& text, const char* expected,
                       IsValid is_valid) {
  const std::optional<std::string> given = text(name);
  if (!given.has_value()) return absl::OkStatus();
  const absl::StatusOr<PythonLiteral> value = ParsePythonLiteral(*given);
  if (!value.ok()) return Annotate(value.status(), name);
  if (is_valid(*value)) return absl::OkStatus();
  if (value->kind == Kind::kList && !value->items.empty() &&
      absl::c_all_of(value->items, is_valid)) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(absl::StrCat(name, " is ", given->substr(0, 80),
                                                 "; it must be ", expected,
                                                 ", or a list of such values for equal parts"));
}

}  // namespace

absl::StatusOr<PerformanceControlValues> ReadControlValues(const Signals& signals,
                                                           const ControlText& text) {
  // All texts are parsed before any value is looked at.
  std::optional<PythonLiteral> disabled, densities, histograms;
  MS_ASSIGN_OR_RETURN(disabled, ParseControl(kDisableConditioning, text));
  if (signals.note_density) {
    MS_ASSIGN_OR_RETURN(densities, ParseControl(kNotesPerSecond, text));
  }
  if (signals.pitch_histogram) {
    MS_ASSIGN_OR_RETURN(histograms, ParseControl(kPitchClassHistogram, text));
  }

  PerformanceControlValues values;
  if (disabled.has_value() && !signals.optional) {
    values.usable = TypeError(
        "generate_performance() got an unexpected keyword argument 'disable_conditioning'");
  }
  if (signals.note_density) {
    if (!densities.has_value())
      densities = PythonLiteral::Number(Kind::kFloat, kDefaultNoteDensity);
    MS_ASSIGN_OR_RETURN(densities, AsDensities(*std::move(densities)));
    MS_ASSIGN_OR_RETURN(values.mean_note_density, MeanDensity(*densities));
    for (const PythonLiteral& density : densities->items) {
      values.notes_per_second.push_back(density.number);
    }
  }
  if (signals.pitch_histogram) {
    if (!histograms.has_value()) {
      histograms = PythonLiteral::List(
          std::vector<PythonLiteral>(kNotesPerOctave, PythonLiteral::Number(Kind::kFloat, 1.0)));
    }
    if (IsHistogram(*histograms)) histograms = PythonLiteral::List({*std::move(histograms)});
    KeepFirst(CheckIndexable(*histograms), &values.usable);
    const auto add = [&](const PythonLiteral& value) {
      values.pitch_class_histograms.push_back(
          std::make_shared<const absl::StatusOr<PitchHistogram>>(HistogramOf(value)));
    };
    // A character of a string is as little a histogram as the string.
    if (histograms->kind == Kind::kString) add(*histograms);
    for (const PythonLiteral& histogram : histograms->items) add(histogram);
  }
  if (signals.optional) {
    if (!disabled.has_value()) disabled = PythonLiteral::Number(Kind::kBool, false);
    if (IsFlag(*disabled)) disabled = PythonLiteral::List({*std::move(disabled)});
    KeepFirst(CheckIndexable(*disabled), &values.usable);
    if (disabled->kind == Kind::kString) values.disabled.push_back(true);
    for (const PythonLiteral& value : disabled->items) values.disabled.push_back(value.IsTrue());
  }
  return values;
}

absl::Status CheckControlTexts(const Signals& signals, const ControlText& text) {
  if (signals.note_density) {
    MS_RETURN_IF_ERROR(CheckText(
        kNotesPerSecond, text, "a number, 0 or above",
        [](const PythonLiteral& value) { return value.IsNumber() && value.number >= 0; }));
  }
  if (signals.pitch_histogram) {
    MS_RETURN_IF_ERROR(CheckText(
        kPitchClassHistogram, text, "a list of 12 numbers",
        [](const PythonLiteral& value) { return IsHistogram(value) && Sum(value).ok(); }));
  }
  if (signals.optional) {
    MS_RETURN_IF_ERROR(CheckText(kDisableConditioning, text, "True or False", IsFlag));
  }
  return absl::OkStatus();
}

PerformanceControls::PerformanceControls(std::shared_ptr<const PerformanceControlValues> values,
                                         int64_t total_steps)
    : values_(std::move(values)), total_steps_(std::max<int64_t>(total_steps, 1)) {
  events_.push_back(At(0));
}

void PerformanceControls::Extend(const Performance& performance) {
  // There is one control more than events.
  for (size_t i = events_.size() - 1; i < performance.events().size(); ++i) {
    const PerformanceEvent& event = performance.events()[i];
    if (event.type == PerformanceEvent::kTimeShift) step_ += event.value;
    events_.push_back(At(step_));
  }
}

PerformanceControl PerformanceControls::At(int64_t step) const {
  // The value of the part that `step` is in; behind the end, that of the last one.
  const auto value_of = [&](const auto& list, auto* value) {
    if (list.empty()) return;
    const int64_t count = static_cast<int64_t>(list.size());
    *value = list[std::min(step * count / total_steps_, count - 1)];
  };
  PerformanceControl control;
  value_of(values_->disabled, &control.disabled);
  value_of(values_->notes_per_second, &control.notes_per_second);
  value_of(values_->pitch_class_histograms, &control.pitch_class_histogram);
  return control;
}

}  // namespace magenta_serving
