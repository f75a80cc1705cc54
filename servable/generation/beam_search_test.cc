#include "servable/generation/beam_search.h"

#include <memory>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace magenta_serving {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// A track of numbers that counts how often it was copied.
class CountingTrack : public EventTrack {
 public:
  std::unique_ptr<EventTrack> DeepCopy() const override {
    auto copy = std::make_unique<CountingTrack>(*this);
    ++copy->copies;
    return copy;
  }
  int size() const override { return static_cast<int>(events.size()); }
  absl::Status Encode(int, int, std::vector<float>*) const override { return absl::OkStatus(); }
  absl::Status Label(int, absl::Span<int>) const override { return absl::OkStatus(); }
  absl::Status Extend(absl::Span<const int> classes) override {
    events.push_back(classes[0]);
    return absl::OkStatus();
  }

  std::vector<int> events;
  int copies = 0;
};

const CountingTrack& TrackOf(const BeamEntry& entry) {
  return static_cast<const CountingTrack&>(*entry.track);
}

// Extends entry i of a step by event i and adds the event to its score, if `scored`.
StepFunction Enumerate(std::vector<size_t>* widths, bool scored = true) {
  return [=](std::vector<BeamEntry>& entries) {
    widths->push_back(entries.size());
    for (size_t i = 0; i < entries.size(); ++i) {
      EXPECT_TRUE(entries[i].track->Extend({static_cast<int>(i)}).ok());
      if (scored) entries[i].score += i;
    }
    return absl::OkStatus();
  };
}

BeamEntry Start() {
  BeamEntry entry;
  entry.track = std::make_unique<CountingTrack>();
  return entry;
}

TEST(BeamSearchTest, OneBeamIsASampler) {
  std::vector<size_t> widths;
  const BeamEntry best = BeamSearch(Start(), 3, {}, Enumerate(&widths)).value();
  EXPECT_THAT(widths, ElementsAre(1, 1, 1));
  EXPECT_THAT(TrackOf(best).events, ElementsAre(0, 0, 0));
  EXPECT_EQ(TrackOf(best).copies, 1);
}

TEST(BeamSearchTest, TheFirstIterationIsTheShortOne) {
  std::vector<size_t> widths;
  // 5 steps by 2: iterations of 1, 2 and 2 steps, each of 2 x 3 branches.
  const BeamEntry best = BeamSearch(Start(), 5, {2, 3, 2}, Enumerate(&widths)).value();
  EXPECT_THAT(widths, ElementsAre(6, 6, 6, 6, 6));
  // An iteration's winner becomes entries 0, 2 and 4 of the next, its runner-up 1, 3 and 5: with
  // the higher events added, each runner-up overtakes.
  EXPECT_THAT(TrackOf(best).events, ElementsAre(5, 4, 4, 5, 5));
  EXPECT_EQ(best.score, 23);
  EXPECT_EQ(TrackOf(best).copies, 4);
}

TEST(BeamSearchTest, EqualScoresKeepTheirOrder) {
  std::vector<size_t> widths;
  const BeamEntry best =
      BeamSearch(Start(), 2, {3, 1, 1}, Enumerate(&widths, /*scored=*/false)).value();
  EXPECT_THAT(TrackOf(best).events, ElementsAre(0, 0));
}

TEST(BeamSearchTest, OddStepsPerIterationGiveWhatPythonsArithmeticGives) {
  const auto steps = [](int num_steps, int steps_per_iteration) {
    std::vector<size_t> widths;
    EXPECT_TRUE(
        BeamSearch(Start(), num_steps, {1, 1, steps_per_iteration}, Enumerate(&widths)).ok());
    return widths.size();
  };
  EXPECT_EQ(steps(10, 100), 10);  // one iteration of all steps
  EXPECT_EQ(steps(10, -1), 1);
  EXPECT_EQ(steps(10, -3), 1);
  EXPECT_EQ(steps(10, -4), 0);
}

TEST(BeamSearchTest, OddOptionsFailAsInPython) {
  std::vector<size_t> widths;
  EXPECT_THAT(BeamSearch(Start(), 3, {1, 1, 0}, Enumerate(&widths)).status().message(),
              HasSubstr("ZeroDivisionError: integer modulo by zero"));
  EXPECT_THAT(BeamSearch(Start(), 3, {0, 1, 1}, Enumerate(&widths)).status().message(),
              HasSubstr("IndexError: list index out of range"));
}

TEST(BeamSearchTest, AnErrorOfAStepEndsTheSearch) {
  const auto status = BeamSearch(Start(), 3, {}, [](std::vector<BeamEntry>&) {
                        return absl::DeadlineExceededError("late");
                      }).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kDeadlineExceeded);
}

}  // namespace
}  // namespace magenta_serving
