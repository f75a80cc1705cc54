#include "servable/network/team.h"

#include <chrono>
#include <set>
#include <thread>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace magenta_serving {
namespace {

TEST(TeamTest, DoesEachPartOnce) {
  for (const int helpers : {0, 1, 3}) {
    Team team(helpers);
    for (int round = 0; round < 3000; ++round) {
      const int count = round % 37;
      std::vector<int> times(count);  // each part writes its own
      team.Run(count, [&](int part) { ++times[part]; });
      ASSERT_EQ(times, std::vector<int>(count, 1)) << helpers << " helpers, round " << round;
    }
  }
}

TEST(TeamTest, HelpersWakeUp) {
  Team team(1);
  // Longer than helpers stay awake.
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  absl::Mutex mutex;
  std::set<std::thread::id> threads;
  for (int round = 0; round < 1000 && threads.size() < 2; ++round) {
    team.Run(8, [&](int) {
      std::this_thread::sleep_for(std::chrono::microseconds(200));
      absl::MutexLock lock(&mutex);
      threads.insert(std::this_thread::get_id());
    });
  }
  EXPECT_EQ(threads.size(), 2);
}

TEST(TeamTest, EndsAsleepAndAwake) {
  for (int i = 0; i < 20; ++i) {
    Team team(2);
    team.Run(5, [](int) {});
    if (i % 2) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
}

}  // namespace
}  // namespace magenta_serving
