#include "servable/network/network.h"

#include <algorithm>
#include <cmath>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace magenta_serving {
namespace {

using ::testing::HasSubstr;

constexpr int kInputs = 6;
constexpr int kUnits = 20;
constexpr int kLength = 3;
constexpr int kOutputs = 9;

std::vector<float> Random(std::mt19937* random, size_t size, float deviation = 0.15f) {
  std::normal_distribution<float> normal(0, deviation);
  std::vector<float> values(size);
  for (float& value : values) value = normal(*random);
  return values;
}

// What Magenta's attention configs have: an input projection, an LSTM, attention around it, a
// residual sum and an output projection; the state is [c, h, attention, memory].
NetworkSpec MakeSpec() {
  std::mt19937 random(3);
  NetworkSpec spec;
  spec.input_size = kInputs;
  const Slice input{Slice::kInput, 0, kInputs};
  const Slice cell{Slice::kState, 0, kUnits};
  const Slice hidden{Slice::kState, kUnits, kUnits};
  const Slice attended{Slice::kState, 2 * kUnits, kUnits};
  const int memory = 3 * kUnits;
  spec.state_size = memory + kLength * kUnits;
  const auto allocate = [&](int size) {
    return Slice{Slice::kComputed,
                 std::exchange(spec.computed_size, spec.computed_size + RoundUpToPanel(size)),
                 size};
  };
  const auto add_linear = [&](const Slices& inputs, int size) {
    const Slice output = allocate(size);
    spec.layers.push_back(LinearLayer{inputs, size, Random(&random, SizeOf(inputs) * size),
                                      Random(&random, size), output.offset});
    return output;
  };
  const Slice projected = add_linear({input, attended}, kUnits);
  LstmLayer lstm;
  lstm.inputs = {projected, hidden};
  lstm.cell = cell;
  lstm.size = kUnits;
  lstm.weights = Random(&random, 2 * kUnits * kGates * kUnits);
  lstm.bias = Random(&random, kGates * kUnits);
  const Slice new_cell = allocate(kUnits), new_hidden = allocate(kUnits);
  lstm.new_cell = new_cell.offset;
  lstm.new_hidden = new_hidden.offset;
  spec.layers.push_back(lstm);
  AttentionLayer attention;
  attention.memory = memory;
  attention.length = kLength;
  attention.size = kUnits;
  attention.weights = Random(&random, kUnits * kUnits);
  attention.scale = Random(&random, kUnits);
  attention.query = add_linear({new_cell, new_hidden}, kUnits);
  const Slice new_attended = allocate(kUnits);
  attention.output = new_attended.offset;
  const Slice remembered{Slice::kComputed, spec.computed_size, kUnits};
  attention.appended = {remembered};
  spec.layers.push_back(attention);
  EXPECT_EQ(add_linear({new_hidden, new_attended}, kUnits), remembered);
  const Slice sum = allocate(kUnits);
  spec.layers.push_back(SumLayer{{projected}, {remembered}, sum.offset});
  spec.output = {add_linear({sum}, kOutputs)};
  spec.new_state = {new_cell, new_hidden, new_attended, {Slice::kState, memory, kLength * kUnits}};
  return spec;
}

// The same in double, on the graph's state, whose memory moves on by a row.
std::vector<double> Reference(const NetworkSpec& spec, const std::vector<float>& input,
                              std::vector<double>* state) {
  std::vector<double> computed(spec.computed_size);
  const auto gather = [&](const Slices& slices) {
    std::vector<double> values;
    for (const Slice& slice : slices) {
      for (int i = slice.offset; i < slice.offset + slice.size; ++i) {
        values.push_back(slice.source == Slice::kInput   ? input[i]
                         : slice.source == Slice::kState ? (*state)[i]
                                                         : computed[i]);
      }
    }
    return values;
  };
  const auto multiply = [](const std::vector<double>& x, const std::vector<float>& weights,
                           size_t size) {
    std::vector<double> y(size);
    for (size_t i = 0; i < x.size(); ++i) {
      for (size_t j = 0; j < size; ++j) y[j] += x[i] * weights[i * size + j];
    }
    return y;
  };
  const auto sigmoid = [](double x) { return 1 / (1 + std::exp(-x)); };
  for (const Layer& layer : spec.layers) {
    if (const auto* linear = std::get_if<LinearLayer>(&layer)) {
      const auto y = multiply(gather(linear->inputs), linear->weights, linear->size);
      for (int i = 0; i < linear->size; ++i) computed[linear->output + i] = y[i] + linear->bias[i];
    } else if (const auto* lstm = std::get_if<LstmLayer>(&layer)) {
      const int size = lstm->size;
      const auto gates = multiply(gather(lstm->inputs), lstm->weights, kGates * size);
      const auto cells = gather({lstm->cell});
      for (int i = 0; i < size; ++i) {
        const auto gate = [&](int g) { return gates[g * size + i] + lstm->bias[g * size + i]; };
        const double cell = cells[i] * sigmoid(gate(2)) + sigmoid(gate(0)) * std::tanh(gate(1));
        computed[lstm->new_cell + i] = cell;
        computed[lstm->new_hidden + i] = std::tanh(cell) * sigmoid(gate(3));
      }
    } else if (const auto* attention = std::get_if<AttentionLayer>(&layer)) {
      const int size = attention->size;
      std::vector<double> weights(attention->length);
      double sum = 0;
      for (int l = 0; l < attention->length; ++l) {
        const auto key = multiply(gather({{Slice::kState, attention->memory + l * size, size}}),
                                  attention->weights, size);
        double score = 0;
        for (int i = 0; i < size; ++i) {
          score += attention->scale[i] * std::tanh(key[i] + computed[attention->query.offset + i]);
        }
        sum += weights[l] = std::exp(score);
      }
      for (int i = 0; i < size; ++i) {
        double value = 0;
        for (int l = 0; l < attention->length; ++l)
          value += weights[l] / sum * (*state)[attention->memory + l * size + i];
        computed[attention->output + i] = value;
      }
    } else {
      const auto& total = std::get<SumLayer>(layer);
      const auto a = gather(total.a), b = gather(total.b);
      for (size_t i = 0; i < a.size(); ++i) computed[total.output + i] = a[i] + b[i];
    }
  }
  std::vector<double> next = gather(spec.new_state);
  for (const Layer& layer : spec.layers) {
    if (const auto* attention = std::get_if<AttentionLayer>(&layer)) {
      const auto memory = next.begin() + attention->memory;
      std::rotate(memory, memory + attention->size, memory + attention->length * attention->size);
      const auto appended = gather(attention->appended);
      std::copy(appended.begin(), appended.end(),
                memory + (attention->length - 1) * attention->size);
    }
  }
  *state = next;
  return gather(spec.output);
}

std::unique_ptr<Network> Make(const NetworkSpec& spec,
                              const Kernels& kernels = *SupportedKernels()[0]) {
  auto network = Network::Create(spec, kernels);
  EXPECT_TRUE(network.ok()) << network.status();
  return *std::move(network);
}

class NetworkTest : public ::testing::TestWithParam<const Kernels*> {};

TEST_P(NetworkTest, ComputesItsSpecification) {
  const NetworkSpec spec = MakeSpec();
  const auto network = Make(spec, *GetParam());
  std::mt19937 random(9);
  const std::vector<float> start = Random(&random, spec.state_size);
  std::vector<float> state = network->StateFromGraph(start);
  ASSERT_EQ(state.size(), network->state_size());
  std::vector<double> expected_state(start.begin(), start.end());
  Workspace workspace;
  for (int step = 0; step < 3 * kLength + 1; ++step) {
    std::vector<float> input = Random(&random, kInputs);
    input[step % kInputs] = 0;
    const std::vector<double> expected = Reference(spec, input, &expected_state);
    std::vector<float> output(kOutputs);
    network->Step({NetworkRow{input.data(), state.data(), output.data()}}, &workspace);
    for (int i = 0; i < kOutputs; ++i) EXPECT_NEAR(output[i], expected[i], 3e-6) << step;
  }
}

INSTANTIATE_TEST_SUITE_P(All, NetworkTest, ::testing::ValuesIn(SupportedKernels()));

TEST(NetworkTest, RowsDoNotDependOnOthers) {
  const auto network = Make(MakeSpec());
  constexpr int kRows = 40;
  std::mt19937 random(1);
  std::vector<std::vector<float>> inputs, states, outputs(kRows, std::vector<float>(kOutputs));
  for (int r = 0; r < kRows; ++r) {
    inputs.push_back(Random(&random, kInputs));
    states.push_back(network->StateFromGraph(Random(&random, MakeSpec().state_size)));
  }
  const auto before = states;
  std::vector<NetworkRow> rows;
  for (int r = 0; r < kRows; ++r)
    rows.push_back({inputs[r].data(), states[r].data(), outputs[r].data()});
  Workspace workspace;
  network->Step(rows, &workspace);
  for (int r = 0; r < kRows; ++r) {
    std::vector<float> state = before[r], output(kOutputs);
    network->Step({NetworkRow{inputs[r].data(), state.data(), output.data()}}, &workspace);
    EXPECT_EQ(output, outputs[r]) << r;
    EXPECT_EQ(state, states[r]) << r;
  }
}

TEST(NetworkTest, ATeamComputesTheSame) {
  // Layers that are large enough to be parted.
  constexpr int kSize = 200;
  std::mt19937 random(2);
  NetworkSpec spec;
  spec.input_size = kInputs;
  spec.state_size = 2 * kSize;
  LstmLayer lstm;
  lstm.inputs = {{Slice::kInput, 0, kInputs}, {Slice::kState, kSize, kSize}};
  lstm.cell = {Slice::kState, 0, kSize};
  lstm.size = kSize;
  lstm.weights = Random(&random, (kInputs + kSize) * kGates * kSize);
  lstm.bias = Random(&random, kGates * kSize);
  lstm.new_hidden = RoundUpToPanel(kSize);
  const Slice hidden{Slice::kComputed, lstm.new_hidden, kSize};
  const int output = 2 * RoundUpToPanel(kSize);
  constexpr int kOutput = 700;
  spec.new_state = {{Slice::kComputed, 0, kSize}, hidden};
  spec.layers = {
      lstm,
      LinearLayer{
          {hidden}, kOutput, Random(&random, kSize * kOutput), Random(&random, kOutput), output}};
  spec.output = {{Slice::kComputed, output, kOutput}};
  spec.computed_size = output + RoundUpToPanel(kOutput);
  const auto network = Make(spec);
  Workspace workspace;
  Team team(2);
  for (const int count : {1, 2, 7}) {
    std::vector<std::vector<float>> results;
    for (Team* helping : {static_cast<Team*>(nullptr), &team}) {
      std::mt19937 again(count);
      std::vector<float> inputs = Random(&again, count * kInputs);
      std::vector<float> states = Random(&again, count * network->state_size());
      std::vector<float> outputs(count * kOutput);
      std::vector<NetworkRow> rows;
      for (int r = 0; r < count; ++r) {
        rows.push_back(
            {&inputs[r * kInputs], &states[r * network->state_size()], &outputs[r * kOutput]});
      }
      for (int step = 0; step < 5; ++step) network->Step(rows, &workspace, helping);
      outputs.insert(outputs.end(), states.begin(), states.end());
      results.push_back(outputs);
    }
    EXPECT_EQ(results[0], results[1]) << count << " rows";
  }
}

TEST(NetworkTest, OneHotInput) {
  NetworkSpec spec;
  spec.input_size = 1;
  spec.one_hot_depth = 4;
  spec.computed_size = kPanel;
  spec.layers.push_back(LinearLayer{{{Slice::kInput, 0, 4}}, 1, {1, 2, 4, 8}, {0.5f}, 0});
  spec.output = {{Slice::kComputed, 0, 1}};
  const auto network = Make(spec);
  Workspace workspace;
  // As tf.one_hot(tf.cast(x, tf.int64), 4).
  for (const auto& [input, expected] : std::vector<std::pair<float, float>>{{0, 1.5f},
                                                                            {3, 8.5f},
                                                                            {2.9f, 4.5f},
                                                                            {-0.5f, 1.5f},
                                                                            {-1, 0.5f},
                                                                            {4, 0.5f},
                                                                            {std::nanf(""), 0.5f},
                                                                            {1e30f, 0.5f}}) {
    float output = 0;
    network->Step({NetworkRow{&input, nullptr, &output}}, &workspace);
    EXPECT_EQ(output, expected) << input;
  }
}

TEST(NetworkTest, RefusesWhatDoesNotFit) {
  const auto error = [](const NetworkSpec& spec) {
    return std::string(Network::Create(spec, *SupportedKernels()[0]).status().message());
  };
  NetworkSpec spec = MakeSpec();
  std::get<LinearLayer>(spec.layers[0]).weights.pop_back();
  EXPECT_THAT(error(spec), HasSubstr("519 weights and 20 biases for 26 inputs and 20 outputs"));
  spec = MakeSpec();
  std::swap(spec.layers[0], spec.layers[1]);
  EXPECT_THAT(error(spec), HasSubstr("reads what is not computed yet"));
  spec = MakeSpec();
  std::get<AttentionLayer>(spec.layers[3]).length = 4;
  EXPECT_THAT(error(spec), HasSubstr("a memory outside of the state"));
  spec = MakeSpec();
  spec.new_state.pop_back();
  EXPECT_THAT(error(spec), HasSubstr("a new state of another size"));
  spec = MakeSpec();
  spec.output[0].offset = 1 << 20;
  EXPECT_THAT(error(spec), HasSubstr("a slice outside of its source"));
  spec = MakeSpec();
  spec.new_state[3] = {Slice::kComputed, 0, kLength * kUnits};
  EXPECT_THAT(error(spec), HasSubstr("a memory that is overwritten"));
}

TEST(NetworkTest, RefusesWhatIsMostlyPadding) {
  // A column takes the room of kPanel.
  constexpr int kRows = 1 << 17;
  NetworkSpec spec;
  spec.state_size = kRows;
  spec.computed_size = kPanel;
  LinearLayer layer;
  layer.inputs = {{Slice::kState, 0, kRows}};
  layer.size = 1;
  layer.weights.resize(kRows);
  spec.layers = {layer};
  spec.output = {{Slice::kComputed, 0, 1}};
  spec.new_state = layer.inputs;
  EXPECT_THAT(std::string(Network::Create(spec, *SupportedKernels()[0]).status().message()),
              HasSubstr("layers that are mostly padding"));
}

}  // namespace
}  // namespace magenta_serving
