#include "servable/generation/primer_injection.h"

#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace magenta_serving {
namespace {

using ::testing::ElementsAre;
using Event = PolyphonicEvent;

const Event kStart{Event::kStart};
const Event kStep{Event::kStepEnd};
const Event kC{Event::kNewNote, 60};
const Event kE{Event::kNewNote, 64};
const Event kHeldE{Event::kContinuedNote, 64};

// Two steps: E over C, then E held.
PolyphonicSequence Primer() {
  return PolyphonicSequence::Create({kStart, kE, kC, kStep, kHeldE, kStep}, 4, 0).value();
}

std::vector<Event> After(const PrimerInjection& injection, const std::vector<Event>& events) {
  PolyphonicSequence sequence = PolyphonicSequence::Create(events, 4, 0).value();
  EXPECT_TRUE(injection.Apply(sequence).ok());
  return {sequence.events().begin() + events.size(), sequence.events().end()};
}

TEST(PrimerInjectionTest, PlaysTheStepThatTheSequenceBegins) {
  const PrimerInjection injection(Primer(), 0);
  EXPECT_THAT(After(injection, {kStart}), ElementsAre(kE, kC));
  EXPECT_THAT(After(injection, {kStart, kC, kStep}), ElementsAre(kHeldE));
  EXPECT_THAT(After(injection, {kStart, kStep, kStep}), ElementsAre());  // the primer is over
}

TEST(PrimerInjectionTest, LeavesStepsThatHaveBegunAlone) {
  const PrimerInjection injection(Primer(), 0);
  EXPECT_THAT(After(injection, {kStart, kC}), ElementsAre());
  EXPECT_THAT(After(injection, {kStart, kStart}), ElementsAre());
  EXPECT_THAT(After(injection, {kStart, {Event::kEnd}}), ElementsAre());
}

TEST(PrimerInjectionTest, BeginsAtAStep) {
  const PrimerInjection injection(Primer(), 2);
  EXPECT_THAT(After(injection, {kStart}), ElementsAre());
  EXPECT_THAT(After(injection, {kStart, kStep}), ElementsAre());
  EXPECT_THAT(After(injection, {kStart, kStep, kStep}), ElementsAre(kE, kC));
  EXPECT_THAT(After(injection, {kStart, kStep, kStep, kStep}), ElementsAre(kHeldE));
}

}  // namespace
}  // namespace magenta_serving
