#include "servable/music/midi_ticks.h"

#include <limits>

#include "gtest/gtest.h"

namespace magenta_serving {
namespace {

TEST(TickMapTest, ConvertsByOneTempo) {
  const TickMap ticks(0.25);
  EXPECT_EQ(ticks.TickToTime(10), 2.5);
  EXPECT_EQ(ticks.TimeToTick(2.5), 10);
  EXPECT_EQ(ticks.TimeToTick(-1), 0);
}

TEST(TickMapTest, RoundsHalvesToTheLaterTickUpToTheLastChangeAndToEvenBeyond) {
  TickMap ticks(0.25);
  ticks.AddChange(4, 0.5);
  EXPECT_EQ(ticks.TimeToTick(0.125), 1);
  EXPECT_EQ(ticks.TimeToTick(0.375), 2);
  EXPECT_EQ(ticks.TimeToTick(1.25), 4);
  EXPECT_EQ(ticks.TimeToTick(1.75), 6);
}

TEST(TickMapTest, FollowsTempoChanges) {
  TickMap ticks(0.25);
  ticks.AddChange(4, 0.5);
  ticks.AddChange(8, 1);
  ticks.AddChange(8, 2);
  EXPECT_EQ(ticks.TickToTime(4), 1);
  EXPECT_EQ(ticks.TickToTime(6), 2);
  EXPECT_EQ(ticks.TickToTime(8), 3);
  EXPECT_EQ(ticks.TickToTime(9), 5);
  EXPECT_EQ(ticks.TimeToTick(7), 10);
}

TEST(TickMapTest, AnEarlierChangeSetsLaterTicksAnew) {
  TickMap ticks(1);
  ticks.AddChange(10, 2);
  ticks.AddChange(4, 0.5);
  EXPECT_EQ(ticks.TickToTime(3), 3);
  EXPECT_EQ(ticks.TickToTime(4), 4);
  EXPECT_EQ(ticks.TickToTime(10), 7);
  // Beyond tick 10 the last tempo added holds.
  EXPECT_EQ(ticks.TimeToTick(8), 12);
  ticks.AddChange(6, 4);
  ticks.AddChange(2, 8);
  ticks.AddChange(3, 100);
  EXPECT_EQ(ticks.changes().size(), 6);
  EXPECT_EQ(ticks.TickToTime(1), 1);
  EXPECT_EQ(ticks.TickToTime(2), 2);
  EXPECT_EQ(ticks.TickToTime(3), 10);
  EXPECT_EQ(ticks.TickToTime(4), 110);
}

TEST(TickMapTest, RefusesTimesWithoutATick) {
  const TickMap ticks(1e-300);
  EXPECT_EQ(ticks.TimeToTick(1), std::nullopt);
  EXPECT_EQ(ticks.TimeToTick(std::numeric_limits<double>::quiet_NaN()), std::nullopt);
  EXPECT_EQ(ticks.TimeToTick(std::numeric_limits<double>::infinity()), std::nullopt);
  EXPECT_EQ(ticks.TimeToTick(-std::numeric_limits<double>::infinity()), 0);
}

}  // namespace
}  // namespace magenta_serving
