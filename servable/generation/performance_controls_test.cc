#include "servable/generation/performance_controls.h"

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "servable/music/test_util/performance_events.h"

namespace magenta_serving {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr char kOnes[] = "[1,1,1,1,1,1,1,1,1,1,1,1]";

const PerformanceControlEncoder::Signals kDensity = {true};
const PerformanceControlEncoder::Signals kHistogram = {false, true};
const PerformanceControlEncoder::Signals kAll = {true, true, true};

ControlText Texts(std::map<std::string, std::string> texts) {
  return [texts](const char* name) -> std::optional<std::string> {
    const auto found = texts.find(name);
    if (found == texts.end()) return std::nullopt;
    return found->second;
  };
}

PerformanceControlValues Read(const PerformanceControlEncoder::Signals& signals,
                              std::map<std::string, std::string> texts) {
  return ReadControlValues(signals, Texts(std::move(texts))).value();
}

// The error's kind, at once or when the values are used; "" without one.
std::string KindOf(const PerformanceControlEncoder::Signals& signals, const char* name,
                   const char* text) {
  const absl::StatusOr<PerformanceControlValues> values =
      ReadControlValues(signals, Texts({{name, text}}));
  const absl::Status status = values.ok() ? values->usable : values.status();
  return std::string(status.message().substr(0, status.message().find(':')));
}

TEST(ReadControlValuesTest, HasDefaults) {
  const PerformanceControlValues values = Read(kAll, {});
  EXPECT_THAT(values.notes_per_second, ElementsAre(15));
  EXPECT_EQ(values.mean_note_density, 15);
  ASSERT_EQ(values.pitch_class_histograms.size(), 1);
  EXPECT_THAT(values.pitch_class_histograms[0]->value(), testing::Each(1.0));
  EXPECT_THAT(values.disabled, ElementsAre(false));
  EXPECT_TRUE(values.usable.ok());
  EXPECT_EQ(Read({}, {{kNotesPerSecond, "nonsense"}}).mean_note_density, 15);
}

TEST(ReadControlValuesTest, TakesValuesAndLists) {
  PerformanceControlValues values = Read(kAll, {{kNotesPerSecond, "[5, 10.5]"},
                                                {kPitchClassHistogram, "[0,1,0,0,0,0,0,0,0,0,0,2]"},
                                                {kDisableConditioning, "[True, False]"}});
  EXPECT_THAT(values.notes_per_second, ElementsAre(5, 10.5));
  EXPECT_EQ(values.mean_note_density, 7.75);
  EXPECT_EQ(values.pitch_class_histograms[0]->value()[11], 2);
  EXPECT_THAT(values.disabled, ElementsAre(true, false));
  values = Read(kAll, {{kNotesPerSecond, "True"},
                       {kPitchClassHistogram, std::string("[") + kOnes + "," + kOnes + "]"},
                       {kDisableConditioning, "True"}});
  EXPECT_THAT(values.notes_per_second, ElementsAre(1));
  EXPECT_EQ(values.pitch_class_histograms.size(), 2);
  EXPECT_THAT(values.disabled, ElementsAre(true));
}

TEST(ReadControlValuesTest, UsesWhatMagentaOnlyWarnsOf) {
  EXPECT_THAT(Read(kDensity, {{kNotesPerSecond, "[-1, 2]"}}).notes_per_second, ElementsAre(-1, 2));
  EXPECT_THAT(Read(kDensity, {{kNotesPerSecond, "1, 2"}}).notes_per_second, ElementsAre(1, 2));
  EXPECT_THAT(Read(kAll, {{kDisableConditioning, "[1, 0, '', 'x']"}}).disabled,
              ElementsAre(true, false, false, true));
}

TEST(ReadControlValuesTest, FailsAsPythonDoes) {
  EXPECT_EQ(KindOf(kDensity, kNotesPerSecond, ""), "SyntaxError");
  EXPECT_EQ(KindOf(kDensity, kNotesPerSecond, "nan"), "ValueError");
  EXPECT_EQ(KindOf(kDensity, kNotesPerSecond, "-1"), "TypeError");
  EXPECT_EQ(KindOf(kDensity, kNotesPerSecond, "'x'"), "TypeError");
  EXPECT_EQ(KindOf(kDensity, kNotesPerSecond, "None"), "TypeError");
  EXPECT_EQ(KindOf(kDensity, kNotesPerSecond, "1j"), "TypeError");
  EXPECT_EQ(KindOf(kDensity, kNotesPerSecond, "[1, None]"), "TypeError");
  EXPECT_EQ(KindOf(kDensity, kNotesPerSecond, "{1, 2}"), "TypeError");
  EXPECT_EQ(KindOf(kDensity, kNotesPerSecond, "[]"), "ZeroDivisionError");
  EXPECT_EQ(KindOf(kDensity, kNotesPerSecond, "''"), "ZeroDivisionError");
  EXPECT_EQ(KindOf(kHistogram, kPitchClassHistogram, "[]"), "IndexError");
  EXPECT_EQ(KindOf(kHistogram, kPitchClassHistogram, "5"), "TypeError");
  EXPECT_EQ(KindOf(kAll, kDisableConditioning, "1"), "TypeError");
  EXPECT_EQ(KindOf(kAll, kDisableConditioning, "()"), "IndexError");
  EXPECT_EQ(KindOf(kAll, kDisableConditioning, "''"), "IndexError");
  EXPECT_EQ(KindOf(kDensity, kDisableConditioning, "False"), "TypeError");
  EXPECT_EQ(KindOf({}, kDisableConditioning, "False"), "TypeError");
  EXPECT_EQ(KindOf({}, kDisableConditioning, "["), "SyntaxError");
  EXPECT_EQ(ReadControlValues(kAll, Texts({{kNotesPerSecond, "-1"}, {kPitchClassHistogram, "["}}))
                .status()
                .message(),
            "SyntaxError: unexpected end of the value");
}

TEST(ReadControlValuesTest, KeepsErrorsOfHistogramsUntilTheyAreReached) {
  const PerformanceControlValues values =
      Read(kHistogram, {{kPitchClassHistogram, std::string("[") + kOnes + ", 5, [1, 2], [None]]"}});
  ASSERT_EQ(values.pitch_class_histograms.size(), 4);
  EXPECT_TRUE(values.usable.ok());
  EXPECT_TRUE(values.pitch_class_histograms[0]->ok());
  EXPECT_THAT(values.pitch_class_histograms[1]->status().message(), StartsWith("TypeError"));
  EXPECT_THAT(values.pitch_class_histograms[2]->status().message(), StartsWith("ValueError"));
  EXPECT_THAT(values.pitch_class_histograms[3]->status().message(), StartsWith("TypeError"));
}

TEST(CheckControlTextsTest, NamesWhatMagentaOnlyWarnsOf) {
  const auto error = [](const char* name, const std::string& text) {
    return std::string(CheckControlTexts(kAll, Texts({{name, text}})).message());
  };
  EXPECT_EQ(error(kNotesPerSecond, "[1, 2.5]"), "");
  EXPECT_EQ(error(kPitchClassHistogram, kOnes), "");
  EXPECT_EQ(error(kDisableConditioning, "[True, False]"), "");
  EXPECT_THAT(error(kNotesPerSecond, "-1"), HasSubstr("notes_per_second is -1; it must be"));
  EXPECT_THAT(error(kNotesPerSecond, "[]"), HasSubstr("notes_per_second is []"));
  EXPECT_THAT(error(kPitchClassHistogram, "[1, 2]"), HasSubstr("a list of 12 numbers"));
  EXPECT_THAT(error(kDisableConditioning, "1"), HasSubstr("True or False"));
  EXPECT_THAT(error(kDisableConditioning, "yes"), HasSubstr("disable_conditioning: ValueError"));
  EXPECT_TRUE(CheckControlTexts({}, Texts({{kNotesPerSecond, "-1"}})).ok());
}

TEST(PerformanceControlsTest, ChangeWithTime) {
  auto values = std::make_shared<PerformanceControlValues>();
  values->notes_per_second = {1, 2, 3};
  values->disabled = {false, true};
  PerformanceControls controls(values, 100);
  Performance performance(100, 0, 0);
  const auto add = [&](const PerformanceEvent& event) {
    ASSERT_TRUE(performance.Append(event).ok());
    controls.Extend(performance);
  };
  add(On(60));
  add(Shift(33));
  add(Shift(1));
  add(On(61));
  add(Shift(16));
  add(Shift(100));
  std::vector<double> densities;
  std::vector<bool> disabled;
  for (const PerformanceControl& control : controls.events()) {
    densities.push_back(control.notes_per_second);
    disabled.push_back(control.disabled);
  }
  EXPECT_THAT(densities, ElementsAre(1, 1, 1, 2, 2, 2, 3));
  EXPECT_THAT(disabled, ElementsAre(false, false, false, false, false, true, true));
}

}  // namespace
}  // namespace magenta_serving
