#include "servable/batching/step_batcher.h"

#include <algorithm>
#include <atomic>
#include <random>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "absl/synchronization/notification.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace magenta_serving {
namespace {

constexpr int kInputs = 5;
constexpr int kUnits = 19;
constexpr int kOutputs = 7;

std::vector<float> Random(std::mt19937* random, size_t size) {
  std::normal_distribution<float> normal(0, 0.5);
  std::vector<float> values(size);
  for (float& value : values) value = normal(*random);
  return values;
}

// An LSTM and an output projection with random weights.
std::shared_ptr<const Network> MakeNetwork() {
  std::mt19937 random(7);
  NetworkSpec spec;
  spec.input_size = kInputs;
  spec.state_size = 2 * kUnits;
  const Slice cell{Slice::kState, 0, kUnits};
  const Slice hidden{Slice::kState, kUnits, kUnits};
  LstmLayer lstm;
  lstm.inputs = {{Slice::kInput, 0, kInputs}, hidden};
  lstm.cell = cell;
  lstm.size = kUnits;
  lstm.weights = Random(&random, (kInputs + kUnits) * kGates * kUnits);
  lstm.bias = Random(&random, kGates * kUnits);
  lstm.new_cell = 0;
  lstm.new_hidden = RoundUpToPanel(kUnits);
  const Slice new_hidden{Slice::kComputed, lstm.new_hidden, kUnits};
  const int output = 2 * RoundUpToPanel(kUnits);
  spec.new_state = {{Slice::kComputed, lstm.new_cell, kUnits}, new_hidden};
  spec.layers.push_back(lstm);
  spec.layers.push_back(LinearLayer{{new_hidden},
                                    kOutputs,
                                    Random(&random, kUnits * kOutputs),
                                    Random(&random, kOutputs),
                                    output});
  spec.output = {{Slice::kComputed, output, kOutputs}};
  spec.computed_size = output + RoundUpToPanel(kOutputs);
  auto network = Network::Create(spec, *SupportedKernels()[0]);
  EXPECT_TRUE(network.ok()) << network.status();
  return *std::move(network);
}

// A piece that depends on each step's output: feeds back which output is largest. The first call
// has several steps.
struct Piece {
  explicit Piece(uint32_t seed) : random(seed), state(2 * kUnits) {}

  void Play(StepBatcher* batcher, int steps) {
    const int first = 1 + random() % 4;
    std::vector<float> inputs = Random(&random, first * kInputs);
    for (int step = 0; step < steps; ++step) {
      const int count = static_cast<int>(inputs.size()) / kInputs;
      std::vector<float> outputs(count * kOutputs);
      const SequenceSteps sequence{inputs.data(), state.data(), outputs.data()};
      batcher->Step({sequence}, count);
      heard.insert(heard.end(), outputs.begin(), outputs.end());
      const auto last = outputs.end() - kOutputs;
      inputs.assign(kInputs, 0.0f);
      inputs[(std::max_element(last, outputs.end()) - last) % kInputs] = 1;
    }
  }

  std::mt19937 random;
  std::vector<float> state;
  std::vector<float> heard;
};

std::vector<float> Alone(const std::shared_ptr<const Network>& network, uint32_t seed, int steps) {
  StepBatcher batcher(network, {});
  Piece piece(seed);
  piece.Play(&batcher, steps);
  return piece.heard;
}

TEST(StepBatcherTest, TasksGetWhatTheyGetAlone) {
  const auto network = MakeNetwork();
  StepBatcher batcher(network, {});
  for (const int count : {1, 2, 5, 127, 300}) {
    std::vector<Piece> pieces;
    for (int i = 0; i < count; ++i) pieces.emplace_back(i);
    std::vector<std::function<void()>> tasks;
    for (int i = 0; i < count; ++i)
      tasks.push_back([&, i] { pieces[i].Play(&batcher, 3 + i % 9); });
    ASSERT_TRUE(batcher.Run(std::move(tasks)).ok());
    for (int i = 0; i < count; ++i)
      EXPECT_EQ(pieces[i].heard, Alone(network, i, 3 + i % 9)) << i << " of " << count;
  }
}

TEST(StepBatcherTest, CallersOnManyThreadsGetWhatTheyGetAlone) {
  const auto network = MakeNetwork();
  for (const int drivers : {1, 2, 3}) {
    StepBatcher batcher(network, {drivers});
    std::atomic<int> wrong{0};
    std::vector<std::thread> threads;
    for (int t = 0; t < 12; ++t) {
      threads.emplace_back([&, t] {
        for (int round = 0; round < 20; ++round) {
          const int count = 1 + (t + round) % 4;
          std::vector<Piece> pieces;
          for (int i = 0; i < count; ++i) pieces.emplace_back(100 * t + i);
          std::vector<std::function<void()>> tasks;
          for (Piece& piece : pieces)
            tasks.push_back([&batcher, &piece, t] { piece.Play(&batcher, 5 + t); });
          if (!batcher.Run(std::move(tasks)).ok()) ++wrong;
          for (int i = 0; i < count; ++i) {
            if (pieces[i].heard != Alone(network, 100 * t + i, 5 + t)) ++wrong;
          }
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(wrong, 0) << drivers << " drivers";
  }
}

TEST(StepBatcherTest, AShortTaskDoesNotWaitForALongOne) {
  const auto network = MakeNetwork();
  StepBatcher batcher(network, {1});
  absl::Notification short_one_done;
  std::vector<std::function<void()>> tasks;
  bool waited = false;
  tasks.push_back([&] {
    Piece piece(1);
    for (int i = 0; i < 100000 && !short_one_done.HasBeenNotified(); ++i) piece.Play(&batcher, 1);
    waited = short_one_done.HasBeenNotified();
  });
  tasks.push_back([&] {
    Piece piece(2);
    piece.Play(&batcher, 10);
    short_one_done.Notify();
  });
  ASSERT_TRUE(batcher.Run(std::move(tasks)).ok());
  EXPECT_TRUE(waited);
}

TEST(StepBatcherTest, RefusesTooMany) {
  StepBatcher batcher(MakeNetwork(), {2, 128, 3});
  const std::vector<std::function<void()>> four(4, [] { ADD_FAILURE() << "ran"; });
  EXPECT_EQ(batcher.Run(four).message(),
            "0 sequences are being generated and 4 more were asked for; max_in_flight is 3");
  int ran = 0;
  EXPECT_TRUE(batcher.Run(std::vector<std::function<void()>>(3, [&] { ++ran; })).ok());
  EXPECT_EQ(ran, 3);
}

TEST(StepBatcherTest, HandsOnExceptions) {
  StepBatcher batcher(MakeNetwork(), {});
  Piece piece(3);
  EXPECT_THROW(batcher
                   .Run({[] { throw std::runtime_error("a string broke"); },
                         [&] { piece.Play(&batcher, 4); }})
                   .IgnoreError(),
               std::runtime_error);
  EXPECT_EQ(piece.heard, Alone(MakeNetwork(), 3, 4));
}

}  // namespace
}  // namespace magenta_serving
