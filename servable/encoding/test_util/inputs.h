// Short ways to look at input vectors in tests.
#ifndef MAGENTA_SERVING_ENCODING_TEST_UTIL_INPUTS_H_
#define MAGENTA_SERVING_ENCODING_TEST_UTIL_INPUTS_H_

#include <cmath>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "servable/encoding/event_sequence_encoder_decoder.h"

namespace magenta_serving {

// The input vector at `position`, written over NaNs so that a forgotten element shows.
template <class Event>
std::vector<float> InputOf(const EventSequenceEncoder<Event>& encoder,
                           const std::vector<Event>& events, int position) {
  std::vector<float> input(encoder.input_size(), std::nanf(""));
  EXPECT_TRUE(encoder.EventsToInput(events, position, absl::MakeSpan(input)).ok());
  return input;
}

// The elements that are 1 in [begin, end); all others there must be 0.
inline std::vector<int> Ones(const std::vector<float>& input, int begin, int end) {
  std::vector<int> ones;
  for (int i = begin; i < end; ++i) {
    if (input[i] == 1.0f) {
      ones.push_back(i);
    } else {
      EXPECT_EQ(input[i], 0.0f) << "at " << i;
    }
  }
  return ones;
}

// The label of every position.
template <class Event, class Label>
std::vector<Label> LabelsOf(const EventSequenceEncoderDecoder<Event, Label>& encoder,
                            const std::vector<Event>& events) {
  std::vector<Label> labels;
  for (int i = 0; i < static_cast<int>(events.size()); ++i) {
    labels.push_back(encoder.EventsToLabel(events, i).value());
  }
  return labels;
}

// The inputs of all positions from `begin` on, once as they come together and once one by one.
template <class Event>
std::pair<std::vector<float>, std::vector<float>> AllInputs(
    const EventSequenceEncoder<Event>& encoder, const std::vector<Event>& events, int begin) {
  std::vector<float> together((events.size() - begin) * encoder.input_size(), std::nanf(""));
  EXPECT_TRUE(encoder.EventsToInputs(events, begin, absl::MakeSpan(together)).ok());
  std::vector<float> one_by_one;
  for (int i = begin; i < static_cast<int>(events.size()); ++i) {
    const std::vector<float> input = InputOf(encoder, events, i);
    one_by_one.insert(one_by_one.end(), input.begin(), input.end());
  }
  return {together, one_by_one};
}

}  // namespace magenta_serving

#endif  // MAGENTA_SERVING_ENCODING_TEST_UTIL_INPUTS_H_
