#include "servable/batching/fiber.h"

#include <stdexcept>
#include <thread>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace magenta_serving {
namespace {

using ::testing::ElementsAre;

// Compilers take a function's thread to be always the same one, and would not ask twice.
__attribute__((noinline)) std::thread::id ThisThread() {
  asm volatile("");
  return std::this_thread::get_id();
}

TEST(FiberTest, PausesAndGoesOn) {
  std::vector<int> order;
  Fiber fiber;
  fiber.Start([&] {
    order.push_back(1);
    Fiber::Current()->Pause();
    order.push_back(3);
  });
  fiber.Resume();
  EXPECT_FALSE(fiber.Finished());
  order.push_back(2);
  fiber.Resume();
  EXPECT_TRUE(fiber.Finished());
  EXPECT_THAT(order, ElementsAre(1, 2, 3));
  EXPECT_EQ(Fiber::Current(), nullptr);
}

TEST(FiberTest, GoesOnOnAnotherThreadAndIsUsedAgain) {
  Fiber fiber;
  for (int round = 0; round < 3; ++round) {
    std::thread::id before, after;
    fiber.Start([&] {
      before = ThisThread();
      Fiber::Current()->Pause();
      EXPECT_EQ(Fiber::Current(), &fiber);
      after = ThisThread();
    });
    fiber.Resume();
    std::thread other([&] { fiber.Resume(); });
    const std::thread::id other_id = other.get_id();
    other.join();
    EXPECT_TRUE(fiber.Finished());
    EXPECT_EQ(before, ThisThread());
    EXPECT_EQ(after, other_id);
  }
}

TEST(FiberTest, HandsOnWhatItsTaskThrows) {
  Fiber fiber;
  fiber.Start([] { throw std::runtime_error("a string broke"); });
  fiber.Resume();
  EXPECT_THROW(fiber.Finished(), std::runtime_error);
  EXPECT_TRUE(fiber.Finished());
}

TEST(FiberTest, UnwindsAPausedTaskWhenDestroyed) {
  bool unwound = false;
  {
    Fiber fiber;
    fiber.Start([&] {
      struct Note {
        bool* unwound;
        ~Note() { *unwound = true; }
      } note{&unwound};
      Fiber::Current()->Pause();
      ADD_FAILURE() << "went on";
    });
    fiber.Resume();
  }
  EXPECT_TRUE(unwound);
}

}  // namespace
}  // namespace magenta_serving
