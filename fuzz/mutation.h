// What custom mutators are made of.
#ifndef MAGENTA_SERVING_FUZZ_MUTATION_H_
#define MAGENTA_SERVING_FUZZ_MUTATION_H_

#include <cstdint>
#include <iterator>
#include <random>
#include <string>

#include "google/protobuf/arena.h"

extern "C" size_t LLVMFuzzerMutate(uint8_t* data, size_t size, size_t max_size);

namespace magenta_serving {

using Random = std::mt19937;

template <typename Values>
auto& OneOf(Values& values, Random& random) {
  return *std::next(std::begin(values), random() % std::size(values));
}

// By libFuzzer's own mutations.
inline std::string MutateString(std::string text) {
  const size_t size = text.size();
  text.resize(size + 64);
  text.resize(LLVMFuzzerMutate(reinterpret_cast<uint8_t*>(text.data()), size, text.size()));
  return text;
}

// LLVMFuzzerCustomMutator for serialized messages: bytes that are mutated seldom parse.
template <typename Message>
size_t MutateMessage(uint8_t* data, size_t size, size_t max_size, unsigned int seed,
                     void (*mutate)(Message& message, Random& random)) {
  Random random(seed);
  google::protobuf::Arena arena;  // the sanitizers make each allocation dear
  Message& message = *google::protobuf::Arena::CreateMessage<Message>(&arena);
  if (random() % 16 == 0 || !message.ParseFromArray(data, static_cast<int>(size)))
    return LLVMFuzzerMutate(data, size, max_size);
  mutate(message, random);
  const std::string bytes = message.SerializeAsString();
  if (bytes.size() > max_size) return size;
  return bytes.copy(reinterpret_cast<char*>(data), bytes.size());
}

}  // namespace magenta_serving

#endif  // MAGENTA_SERVING_FUZZ_MUTATION_H_
