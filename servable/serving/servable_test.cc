#include "servable/serving/servable.h"

#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "servable/music/midi_reader.h"

namespace magenta_serving {
namespace {

using tensorflow::Tensor;
using tensorflow::TensorShape;
using tensorflow::tstring;
using ::testing::HasSubstr;
using ::testing::Key;
using ::testing::UnorderedElementsAre;

constexpr char kDemo[] = "demo/models/melody/1";

Tensor Seed(int64_t seed) { return Tensor(seed); }

template <typename T>
Tensor Vector(const std::vector<T>& values) {
  Tensor tensor(tensorflow::DataTypeToEnum<T>::value,
                TensorShape({static_cast<int64_t>(values.size())}));
  for (size_t i = 0; i < values.size(); ++i) tensor.flat<T>()(i) = values[i];
  return tensor;
}

class MagentaServableTest : public testing::Test {
 protected:
  // One load serves all tests.
  static const MagentaServable& servable() {
    static const MagentaServable* servable = [] {
      ServableOptions options;
      options.limits.max_outputs = 8;
      return MagentaServable::Load(kDemo, options).value().release();
    }();
    return *servable;
  }

  static TensorMap Predict(const std::string& signature, const TensorMap& inputs,
                           const std::vector<std::string>& outputs = {}) {
    return servable().Predict(signature, inputs, outputs).value();
  }

  static std::string ErrorOf(const std::string& signature, const TensorMap& inputs,
                             const std::vector<std::string>& outputs = {}) {
    const absl::Status status = servable().Predict(signature, inputs, outputs).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << status;
    return std::string(status.message());
  }
};

TEST_F(MagentaServableTest, GeneratesFromDefaultsAlone) {
  const TensorMap outputs = Predict("", {});
  EXPECT_THAT(outputs,
              UnorderedElementsAre(Key("sequence_bytes"), Key("midi_bytes"), Key("sequence_json"),
                                   Key("log_likelihood"), Key("seed")));
  for (const auto& [name, tensor] : outputs) EXPECT_EQ(tensor.shape(), TensorShape({1})) << name;
  NoteSequence sequence, from_midi;
  ASSERT_TRUE(sequence.ParseFromString(outputs.at("sequence_bytes").flat<tstring>()(0)));
  from_midi = MidiToNoteSequence(outputs.at("midi_bytes").flat<tstring>()(0)).value();
  EXPECT_EQ(sequence.notes_size(), from_midi.notes_size());
  EXPECT_EQ(sequence.notes(0).pitch(), 60);
}

TEST_F(MagentaServableTest, OutputsAreReplayedByTheirSeeds) {
  const TensorMap many = Predict("generate", {{"seed", Seed(41)}, {"num_outputs", Tensor(3)}});
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(many.at("seed").flat<int64_t>()(i), 41 + i);
    const TensorMap one = Predict("generate", {{"seed", Seed(41 + i)}}, {"sequence_bytes"});
    EXPECT_EQ(one.at("sequence_bytes").flat<tstring>()(0),
              many.at("sequence_bytes").flat<tstring>()(i));
  }
  EXPECT_NE(many.at("sequence_bytes").flat<tstring>()(0),
            many.at("sequence_bytes").flat<tstring>()(1));
}

TEST_F(MagentaServableTest, RowsAreIndependentAndScalarsCountForAll) {
  const TensorMap rows = Predict(
      "generate",
      {{"seed", Vector<int64_t>({5, 9})}, {"num_steps", Tensor(32)}, {"num_outputs", Tensor(2)}});
  EXPECT_EQ(rows.at("sequence_bytes").shape(), TensorShape({2, 2}));
  const TensorMap one = Predict("generate", {{"seed", Seed(9)}, {"num_steps", Tensor(32)}});
  EXPECT_EQ(rows.at("sequence_bytes").flat<tstring>()(2),
            one.at("sequence_bytes").flat<tstring>()(0));
}

TEST_F(MagentaServableTest, GenerateSequenceIsWhatGenerateRuns) {
  NoteSequence primer;
  primer.add_tempos()->set_qpm(120);
  auto* note = primer.add_notes();
  note->set_pitch(60);
  note->set_velocity(100);
  note->set_end_time(0.125);
  GeneratorOptions options;
  options.add_generate_sections()->set_start_time(0.25);
  options.mutable_generate_sections(0)->set_end_time(16);
  const TensorMap sequence = Predict(
      "generate_sequence", {{"input_sequence_bytes", ToTensor(primer.SerializeAsString())},
                            {"generator_options_bytes", ToTensor(options.SerializeAsString())},
                            {"seed", Seed(3)}});
  EXPECT_EQ(sequence.at("generated_sequence_bytes").shape(), TensorShape({}));
  const TensorMap generated = Predict("generate", {{"seed", Seed(3)}});
  EXPECT_EQ(sequence.at("generated_sequence_bytes").scalar<tstring>()(),
            generated.at("sequence_bytes").flat<tstring>()(0));
  EXPECT_EQ(sequence.at("log_likelihood").scalar<float>()(),
            generated.at("log_likelihood").flat<float>()(0));
}

TEST_F(MagentaServableTest, ScoresRowsOfDifferentLengths) {
  const TensorMap scores =
      Predict("score", {{"melody", Vector<tstring>({"[60, 62, 64]", "[60, 62]"})}});
  EXPECT_EQ(scores.at("log_likelihood").shape(), TensorShape({2}));
  EXPECT_EQ(scores.at("event_log_likelihoods").shape(), TensorShape({2, 2}));
  EXPECT_EQ(scores.at("num_events").flat<int32_t>()(1), 1);
  const auto events = scores.at("event_log_likelihoods").matrix<float>();
  // Runs of different lengths may round differently.
  EXPECT_NEAR(events(0, 0), events(1, 0), 1e-5);
  EXPECT_EQ(events(1, 1), 0);
  EXPECT_NEAR(scores.at("log_likelihood").flat<float>()(0), events(0, 0) + events(0, 1), 1e-5);
}

TEST_F(MagentaServableTest, CountsSequencesAndSteps) {
  Usage usage;
  const auto predict = [&](int32_t num_steps, int32_t num_outputs) {
    return servable().Predict(
        kGenerate, {{"num_steps", Tensor(num_steps)}, {"num_outputs", Tensor(num_outputs)}},
        {"seed"}, kNoDeadline, nullptr, &usage);
  };
  ASSERT_TRUE(predict(17, 3).ok());
  EXPECT_EQ(usage.sequences, 3);
  EXPECT_EQ(usage.steps, 3 * 14);  // The default primer and silence up to the section are 3 of 17.
  ASSERT_FALSE(predict(0, 1).ok());
  EXPECT_EQ(usage.sequences, 3);
}

TEST_F(MagentaServableTest, EstimatesMemoryByTheFile) {
  const absl::StatusOr<int64_t> bytes = EstimateRamBytes(kDemo);
  ASSERT_TRUE(bytes.ok()) << bytes.status();
  EXPECT_GT(*bytes, servable().info().bytes);
  EXPECT_LT(*bytes, 10 * servable().info().bytes);
  EXPECT_FALSE(EstimateRamBytes("no/such/folder").ok());
}

TEST_F(MagentaServableTest, SaysWhichInputIsWrong) {
  EXPECT_THAT(ErrorOf("generate", {{"tempo", Tensor(1.0f)}}), HasSubstr("unknown input 'tempo'"));
  EXPECT_THAT(ErrorOf("generate", {}, {"notes"}), HasSubstr("unknown output 'notes'"));
  EXPECT_THAT(ErrorOf("generate", {{"num_steps", Tensor(1.0f)}}),
              HasSubstr("'num_steps' has dtype float; it must be int32"));
  EXPECT_THAT(ErrorOf("generate", {{"seed", Tensor(tensorflow::DT_INT64, TensorShape({1, 1}))}}),
              HasSubstr("shape [1,1]"));
  EXPECT_THAT(ErrorOf("generate", {{"seed", Tensor(tensorflow::DT_INT64, TensorShape({0}))}}),
              HasSubstr("0 rows"));
  EXPECT_THAT(ErrorOf("generate", {{"seed", Vector<int64_t>({1, 2})},
                                   {"num_steps", Vector<int32_t>({1, 2, 3})}}),
              HasSubstr("rows"));
  EXPECT_THAT(ErrorOf("generate", {{"seed", Seed(-2)}}), HasSubstr("seed is -2"));
  EXPECT_THAT(ErrorOf("generate", {{"seed", Seed(4294967295)}, {"num_outputs", Tensor(2)}}),
              HasSubstr("4294967294"));
  EXPECT_THAT(ErrorOf("generate", {{"primer_midi_bytes", ToTensor(std::string(2 << 20, 'x'))}}),
              HasSubstr("primer_midi_bytes has 2097152 bytes; max_primer_bytes is 1048576"));
  EXPECT_THAT(ErrorOf("generate", {{"num_outputs", Tensor(0)}}), HasSubstr("num_outputs is 0"));
  EXPECT_THAT(ErrorOf("generate", {{"num_outputs", Tensor(9)}}), HasSubstr("max_outputs is 8"));
  EXPECT_THAT(
      ErrorOf("generate_sequence", {{"generator_options_bytes", ToTensor(std::string("\xff"))}}),
      HasSubstr("generator_options_bytes"));
  EXPECT_EQ(servable().Predict("classify", {}, {}).status().code(), absl::StatusCode::kNotFound);
}

TEST_F(MagentaServableTest, HonoursTheDeadline) {
  const auto status = servable()
                          .Predict("generate", {{"num_steps", Tensor(4096)}}, {},
                                   DeadlineIn(0.001))
                          .status();
  EXPECT_EQ(status.code(), absl::StatusCode::kDeadlineExceeded) << status;
}

TEST_F(MagentaServableTest, StopsWhenItIsCancelled) {
  Cancellation cancellation;
  const auto predict = [&] {
    return servable()
        .Predict("generate", {{"num_steps", Tensor(16)}}, {}, kNoDeadline, &cancellation)
        .status();
  };
  EXPECT_TRUE(predict().ok());
  cancellation.Cancel();
  EXPECT_EQ(predict().code(), absl::StatusCode::kCancelled);
}

TEST_F(MagentaServableTest, SignatureDefsCarryInputsAndDefaults) {
  const tensorflow::SignatureDef def =
      ToSignatureDef(servable().signatures().at("serving_default"));
  EXPECT_EQ(def.method_name(), "tensorflow/serving/predict");
  EXPECT_EQ(def.inputs().at("num_steps").dtype(), tensorflow::DT_INT32);
  EXPECT_EQ(def.inputs_size(), def.defaults_size());
  EXPECT_EQ(def.defaults().at("num_steps").int_val(0), 128);
  EXPECT_EQ(def.outputs().at("midi_bytes").dtype(), tensorflow::DT_STRING);
}

TEST_F(MagentaServableTest, LoadRefusesBadOptions) {
  ServableOptions options;
  options.engine = "warp";
  EXPECT_THAT(MagentaServable::Load(kDemo, options).status().message(),
              HasSubstr("engine is 'warp'"));
  options = {};
  options.threads = 0;
  EXPECT_THAT(MagentaServable::Load(kDemo, options).status().message(), HasSubstr("threads is 0"));
  EXPECT_EQ(MagentaServable::Load("/no/such/bundle.mag", {}).status().code(),
            absl::StatusCode::kNotFound);
}

TEST_F(MagentaServableTest, DescribesItsBundle) {
  const BundleInfo& info = servable().info();
  EXPECT_EQ(info.family, "melody");
  EXPECT_GT(info.parameters, 1000);
  EXPECT_FALSE(info.layers.empty());
  EXPECT_EQ(info.config_values.at("steps_per_quarter"), 4);
}

}  // namespace
}  // namespace magenta_serving
