#include "servable/generation/generate_events.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "servable/encoding/melody_one_hot_encoding.h"
#include "servable/encoding/one_hot_event_sequence_encoder_decoder.h"
#include "servable/generation/numpy_log.h"

namespace magenta_serving {
namespace {

using ::testing::ElementsAre;
using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::SizeIs;

// A sequence that is no more than its events.
template <typename Event>
struct Events {
  std::vector<Event> list;

  const std::vector<Event>& events() const { return list; }
  Events DeepCopy() const { return *this; }
  absl::Status Append(Event event) {
    list.push_back(event);
    return absl::OkStatus();
  }
};

// Numbers below 10; an input is the number itself.
class NumberEncoderDecoder : public EventSequenceEncoderDecoder<int> {
 public:
  int input_size() const override { return 1; }
  int num_classes() const override { return 10; }
  int default_event_label() const override { return 0; }
  absl::Status EventsToInput(absl::Span<const int> events, int position,
                             absl::Span<float> input) const override {
    input[0] = static_cast<float>(events[position]);
    return absl::OkStatus();
  }
  absl::StatusOr<int> EventsToLabel(absl::Span<const int> events, int position) const override {
    return events[position];
  }
  absl::StatusOr<int> ClassIndexToEvent(int class_index, absl::Span<const int>) const override {
    return class_index;
  }
};

using Pair = std::array<int, 2>;

// Pairs of a number below 3 and one below 5; an input is both.
class PairEncoderDecoder : public EventSequenceEncoderDecoder<Pair, Pair> {
 public:
  int input_size() const override { return 2; }
  Pair num_classes() const override { return {3, 5}; }
  Pair default_event_label() const override { return {0, 0}; }
  absl::Status EventsToInput(absl::Span<const Pair> events, int position,
                             absl::Span<float> input) const override {
    for (int i = 0; i < 2; ++i) input[i] = static_cast<float>(events[position][i]);
    return absl::OkStatus();
  }
  absl::StatusOr<Pair> EventsToLabel(absl::Span<const Pair> events, int position) const override {
    return events[position];
  }
  absl::StatusOr<Pair> ClassIndexToEvent(Pair class_index, absl::Span<const Pair>) const override {
    return class_index;
  }
};

using NumberTrack = SequenceTrack<Events<int>, int>;
using PairTrack = SequenceTrack<Events<Pair>, Pair, Pair>;

// Gives each head the same fixed distribution after every step, and keeps what it was fed.
class FixedStepModel : public StepModel {
 public:
  FixedStepModel(int batch_size, int input_size, std::vector<std::vector<float>> heads)
      : heads_(std::move(heads)) {
    shape_ = {batch_size, input_size, 0, 1, {}};
    for (const auto& head : heads_) {
      shape_.head_sizes.push_back(static_cast<int>(head.size()));
      shape_.num_classes += shape_.head_sizes.back();
    }
  }

  const StepShape& shape() const override { return shape_; }
  absl::Span<const float> initial_state() const override { return initial_state_; }

  absl::Status Step(absl::Span<const StepRow> rows, int num_steps, float) const override {
    calls.push_back({});
    for (const StepRow& row : rows) {
      calls.back().emplace_back(row.inputs.begin(), row.inputs.end());
      EXPECT_EQ(row.inputs.size(), num_steps * shape_.input_size);
      float* softmax = row.softmax.data();
      for (int step = 0; step < num_steps; ++step) {
        for (const auto& head : heads_) softmax = std::copy(head.begin(), head.end(), softmax);
      }
      row.state[0] += num_steps;
    }
    return absl::OkStatus();
  }

  // For each call, for each row, what was fed.
  mutable std::vector<std::vector<std::vector<float>>> calls;

 private:
  StepShape shape_;
  std::vector<std::vector<float>> heads_;
  std::vector<float> initial_state_ = {0.0f};
};

// Always draws class 7 of 10.
FixedStepModel AlwaysSeven(int batch_size = 1) {
  std::vector<float> seven(10, 0.0f);
  seven[7] = 1;
  return FixedStepModel(batch_size, 1, {seven});
}

TEST(GenerateEventsTest, HeadsAreDrawnInOrder) {
  const std::vector<std::vector<float>> heads = {{0.5f, 0.25f, 0.25f},
                                                 {0.125f, 0.25f, 0.25f, 0.25f, 0.125f}};
  const FixedStepModel model(4, 2, heads);
  const PairEncoderDecoder encoder;
  NumpyRandom random(3);
  const GeneratedEvents generated =
      GenerateEvents(model, PairTrack({{Pair{1, 2}}}, &encoder), 6, {}, &random, {}).value();

  NumpyRandom expected_random(3);
  std::vector<Pair> expected = {{1, 2}};
  float score = 0;
  for (int i = 0; i < 5; ++i) {
    const int first = expected_random.Choice(heads[0]).value();
    const int second = expected_random.Choice(heads[1]).value();
    expected.push_back({first, second});
    score += NumpyLog(heads[0][first] * heads[1][second]);
    expected_random.Skip(3 * 2);  // the batch's other three rows
  }
  EXPECT_EQ(generated.As<PairTrack>().sequence().events(), expected);
  EXPECT_FLOAT_EQ(generated.log_likelihood, score);
  EXPECT_EQ(random.RandomSample(), expected_random.RandomSample());
}

TEST(GenerateEventsTest, ThePrimersHeadsCountOneByOne) {
  const FixedStepModel model(1, 2, {{0.5f, 0.5f, 0.0f}, {0.25f, 0.75f, 0.0f, 0.0f, 0.0f}});
  const PairEncoderDecoder encoder;
  const PairTrack track({{Pair{0, 0}, Pair{1, 0}, Pair{0, 1}}}, &encoder);
  const std::vector<double> events = EventLogLikelihoods(model, track, {}).value();
  ASSERT_THAT(events, SizeIs(2));
  EXPECT_NEAR(events[0], std::log(0.5) + std::log(0.25), 1e-6);
  EXPECT_NEAR(events[1], std::log(0.5) + std::log(0.75), 1e-6);
}

TEST(GenerateEventsTest, AppendedEventsAreFedWithTheOneBefore) {
  const FixedStepModel model = AlwaysSeven();
  const NumberEncoderDecoder encoder;
  GenerateEventsOptions options;
  // After every 7 come 1 and 2.
  options.modify_events = [](EventTrack& track) {
    Events<int>& events = static_cast<NumberTrack&>(track).mutable_sequence();
    if (events.list.back() == 7) events.list.insert(events.list.end(), {1, 2});
    return absl::OkStatus();
  };
  NumpyRandom random(0);
  const GeneratedEvents generated =
      GenerateEvents(model, NumberTrack({{5, 7}}, &encoder), 4, options, &random, {}).value();
  EXPECT_THAT(generated.As<NumberTrack>().sequence().events(),
              ElementsAre(5, 7, 1, 2, 7, 1, 2, 7, 1, 2));
  ASSERT_THAT(model.calls, SizeIs(2));  // 4 events without what is appended to them
  EXPECT_THAT(model.calls[0], ElementsAre(ElementsAre(5, 7, 1, 2)));
  EXPECT_THAT(model.calls[1], ElementsAre(ElementsAre(7, 1, 2)));
  // Events that were appended have the probability that the model gave them.
  EXPECT_EQ(generated.log_likelihood, -INFINITY);

  CallContext context;
  context.limits.max_events = 6;
  EXPECT_THAT(GenerateEvents(model, NumberTrack({{5, 7}}, &encoder), 4, options, &random, context)
                  .status()
                  .message(),
              HasSubstr("max_events is 6"));
}

TEST(GenerateEventsTest, LongPrimersAreRunOverInPieces) {
  std::vector<float> halves(10, 0.0f);
  halves[3] = halves[4] = 0.5f;
  const FixedStepModel model(1, 1, {halves});
  const NumberEncoderDecoder encoder;
  Events<int> primer;
  constexpr int kEvents = 120'000;
  for (int i = 0; i < kEvents; ++i) primer.list.push_back(3 + i % 2);
  GenerateEventsOptions options;
  options.beam_search.beam_size = 3;
  NumpyRandom random(0);
  const GeneratedEvents generated =
      GenerateEvents(model, NumberTrack(primer, &encoder), kEvents + 2, options, &random, {})
          .value();
  EXPECT_FLOAT_EQ(generated.log_likelihood, (kEvents + 1) * std::log(0.5));

  // All but the last piece by one row, that by all, and then one event after the other.
  std::vector<float> fed;
  for (const auto& rows : model.calls) {
    EXPECT_LE(rows[0].size(), 1024);
    EXPECT_THAT(rows, SizeIs(fed.size() < kEvents - 1024 ? 1 : 3));
    fed.insert(fed.end(), rows[0].begin(), rows[0].end());
  }
  ASSERT_THAT(fed, SizeIs(kEvents + 1));
  EXPECT_TRUE(std::equal(primer.list.begin(), primer.list.end(), fed.begin()));

  Cancellation cancellation;
  CallContext context;
  context.cancellation = &cancellation;
  cancellation.Cancel();
  EXPECT_EQ(GenerateEvents(model, NumberTrack(primer, &encoder), kEvents + 2, options, &random,
                           context)
                .status()
                .code(),
            absl::StatusCode::kCancelled);
}

// A sequence whose second event grows by 1 in each copy, as some events of melodies change in
// theirs.
struct Ageing : Events<int> {
  Ageing DeepCopy() const {
    Ageing copy = *this;
    ++copy.list[1];
    return copy;
  }
};

TEST(GenerateEventsTest, PrimersScoreAsTheCopiesThatAreExtended) {
  std::vector<float> distribution = {0.02f, 0.03f, 0.05f, 0.07f, 0.11f,
                                     0.13f, 0.17f, 0.19f, 0.23f, 0.0f};
  const NumberEncoderDecoder encoder;
  // Run over at once, and in pieces.
  for (const int num_events : {20, 5000}) {
    for (const int branch_factor : {1, 2}) {
      Ageing primer;
      for (int i = 0; i < num_events; ++i) primer.list.push_back(i * 7 % 5);
      primer.list[1] = 1;
      const FixedStepModel model(1, 1, {distribution});
      GenerateEventsOptions options;
      options.beam_search.branch_factor = branch_factor;
      NumpyRandom random(0);
      const GeneratedEvents generated =
          GenerateEvents(model, SequenceTrack<Ageing, int>(primer, &encoder), num_events + 1,
                         options, &random, {})
              .value();
      // One copy is the beam's first entry, one is made of that, and one for each branch.
      const int copies = branch_factor > 1 ? 3 : 2;
      double fed = 0;
      for (int i = 1; i < num_events; ++i)
        fed += NumpyLog(distribution[i == 1 ? 1 + copies : primer.list[i]]);
      const auto& events = generated.As<SequenceTrack<Ageing, int>>().sequence().events();
      EXPECT_EQ(generated.log_likelihood,
                static_cast<float>(fed + NumpyLog(distribution[events.back()])));
      // What was fed is the first entry's.
      EXPECT_EQ(model.calls[0][0][1], 2);
    }
  }
}

// Appends an event to every second track that it sees.
std::function<absl::Status(EventTrack&)> AppendToEverySecond() {
  return [calls = std::make_shared<int>(0)](EventTrack& track) {
    if (++*calls % 2 == 0) static_cast<NumberTrack&>(track).mutable_sequence().list.push_back(1);
    return absl::OkStatus();
  };
}

TEST(GenerateEventsTest, BatchesMayDifferInLengthButNotTheirRows) {
  const NumberEncoderDecoder encoder;
  const NumberTrack primer({{5}}, &encoder);
  GenerateEventsOptions options;
  options.beam_search.beam_size = 2;
  options.modify_events = AppendToEverySecond();
  NumpyRandom random(0);
  const FixedStepModel one = AlwaysSeven(1);
  EXPECT_TRUE(GenerateEvents(one, primer, 4, options, &random, {}).ok());
  ASSERT_THAT(one.calls, SizeIs(5));  // once together, then twice each for itself
  EXPECT_THAT(one.calls[1], ElementsAre(ElementsAre(7, 1)));
  EXPECT_THAT(one.calls[2], ElementsAre(ElementsAre(7)));

  options.modify_events = AppendToEverySecond();
  EXPECT_EQ(
      GenerateEvents(AlwaysSeven(2), primer, 4, options, &random, {}).status().message(),
      "ValueError: setting an array element with a sequence. The requested array has an "
      "inhomogeneous shape after 1 dimensions. The detected shape was (2,) + inhomogeneous part.");
}

TEST(GenerateEventsTest, RoundsGoOnFromTheLast) {
  const FixedStepModel model = AlwaysSeven();
  const NumberEncoderDecoder encoder;
  const NumberTrack primer({{5}}, &encoder);
  const auto two_until_five = [](const EventTrack& track) { return track.size() < 5 ? 2 : 0; };
  NumpyRandom random(0);
  const GeneratedEvents generated =
      GenerateRounds(model, primer, two_until_five, {}, &random, {}).value();
  EXPECT_THAT(generated.As<NumberTrack>().sequence().events(), ElementsAre(5, 7, 7, 7, 7));
  ASSERT_THAT(model.calls, SizeIs(4));
  EXPECT_THAT(model.calls[2], ElementsAre(ElementsAre(5, 7, 7)));

  const auto none = [](const EventTrack&) { return 0; };
  EXPECT_THAT(GenerateRounds(model, primer, none, {}, &random, {})
                  .value()
                  .As<NumberTrack>()
                  .sequence()
                  .events(),
              ElementsAre(5));
}

TEST(GenerateEventsTest, RoundsWithoutEndEndAtTheLimit) {
  const FixedStepModel model = AlwaysSeven();
  const NumberEncoderDecoder encoder;
  const auto always_one = [](const EventTrack&) { return 1; };
  NumpyRandom random(0);
  CallContext context;
  context.limits.max_events = 2 + 3 + 4;
  const absl::Status status = GenerateRounds(model, NumberTrack({{5}}, &encoder), always_one, {},
                                             &random, context)
                                  .status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(status.message(), HasSubstr("not full after 4 events"));
  EXPECT_THAT(status.message(), HasSubstr("max_events is 9"));
  EXPECT_THAT(model.calls, SizeIs(3));
}

// As many controls as needed: each 1 more than the event before it.
struct NextNumbers {
  std::vector<int> list = {0};

  const std::vector<int>& events() const { return list; }
  void Extend(const Events<int>& events) {
    while (list.size() <= events.list.size()) list.push_back(events.list[list.size() - 1] + 1);
  }
};

TEST(ConditionalTrackTest, ControlsGrowWithTheEvents) {
  const ConditionalEventSequenceEncoderDecoder<int, int> encoder(
      std::make_unique<NumberEncoderDecoder>(), std::make_unique<NumberEncoderDecoder>());
  using Track = ConditionalTrack<Events<int>, int, NextNumbers, int>;
  const FixedStepModel model(1, 2, {{0, 0, 0, 0, 0, 0, 0, 1, 0, 0}});
  NumpyRandom random(0);
  GenerateEventsOptions options;
  options.beam_search = {2, 2, 1};
  const GeneratedEvents generated =
      GenerateEvents(model, Track({{5, 3}}, {}, &encoder), 4, options, &random, {}).value();
  EXPECT_THAT(generated.As<Track>().sequence().events(), ElementsAre(5, 3, 7, 7));
  ASSERT_THAT(model.calls, SizeIs(2));
  EXPECT_THAT(model.calls[0], Each(ElementsAre(6, 5, 4, 3)));
  EXPECT_THAT(model.calls[1], Each(ElementsAre(8, 7)));
}

}  // namespace
}  // namespace magenta_serving
