#include "servable/serving/json_defaults.h"

#include <cstdlib>
#include <string>

#include "gtest/gtest.h"
#include "servable/serving/signatures.h"

namespace magenta_serving {
namespace {

class JsonDefaultsTest : public testing::Test {
 protected:
  JsonDefaultsTest() {
    for (const char* name : {"num_steps", "temperature", "seed", "melody"})
      (*signatures_["serving_default"].mutable_inputs())[name];
    for (const char* name : {"empty", "bytes", "flag", "vector"})
      (*signatures_["other"].mutable_inputs())[name];
    auto& defaults = *signatures_["serving_default"].mutable_defaults();
    ToTensor(int32_t{128}).AsProtoField(&defaults["num_steps"]);
    ToTensor(1.0f).AsProtoField(&defaults["temperature"]);
    ToTensor(int64_t{-1}).AsProtoField(&defaults["seed"]);
    auto& others = *signatures_["other"].mutable_defaults();
    ToTensor(std::string()).AsProtoField(&others["empty"]);
    ToTensor(std::string("\xff")).AsProtoField(&others["bytes"]);
    ToTensor(true).AsProtoField(&others["flag"]);
    tensorflow::Tensor(tensorflow::DT_INT32, {2}).AsProtoField(&others["vector"]);
  }

  std::string Added(const std::string& body) {
    const absl::StatusOr<std::string> added = AddJsonDefaults(body, signatures_);
    return added.ok() ? *added : std::string(added.status().message());
  }

  google::protobuf::Map<std::string, tensorflow::SignatureDef> signatures_;
};

TEST_F(JsonDefaultsTest, FillsColumns) {
  EXPECT_EQ(Added(R"({"inputs": {"num_steps": [64, 32], "melody": "[60]"}})"),
            R"({"inputs":{"num_steps":[64,32],"melody":"[60]","seed":-1,"temperature":1.0}})");
}

TEST_F(JsonDefaultsTest, FillsEachRow) {
  EXPECT_EQ(Added(R"({"instances": [{"seed": 1, "num_steps": 2}, {"temperature": 0.1}]})"),
            R"({"instances":[{"seed":1,"num_steps":2,"temperature":1.0},)"
            R"({"temperature":0.1,"num_steps":128,"seed":-1}]})");
}

TEST_F(JsonDefaultsTest, WritesScalarsOfEachType) {
  EXPECT_EQ(Added(R"({"signature_name": "other", "inputs": {}})"),
            R"({"signature_name":"other","inputs":)"
            R"({"bytes":{"b64":"/w=="},"empty":"","flag":true}})");
}

TEST_F(JsonDefaultsTest, KeepsNumbersToTheLastBitOfFloat32) {
  const std::string prefix = R"({"inputs":{"temperature":)";
  for (const char* number : {"0.30000000000000004", "1.1754943508222875e-38", "1e-45",
                             "16777217.0", "3.4028235e38", "0e210", "0.0e300", "-0.0e-300"}) {
    const std::string added = Added(prefix + number + "}}");
    ASSERT_EQ(added.substr(0, prefix.size()), prefix);
    EXPECT_EQ(std::strtof(added.c_str() + prefix.size(), nullptr), std::strtof(number, nullptr));
  }
}

TEST_F(JsonDefaultsTest, RefusesUnknownInputs) {
  const std::string error =
      "unknown input 'tempo'; the inputs are melody, num_steps, seed, temperature";
  EXPECT_EQ(Added(R"({"inputs": {"tempo": 1}})"), error);
  EXPECT_EQ(Added(R"({"instances": [{"seed": 1}, {"tempo": 1}]})"), error);
}

TEST_F(JsonDefaultsTest, RefusesWhatIsTooDeepOrTooLong) {
  for (const int depth : {100, 1 << 20}) {
    EXPECT_EQ(Added(R"({"inputs": )" + std::string(depth, '[')),
              "JSON is nested more than 64 levels deep");
  }
  std::string rows = R"({"instances": [{})";
  for (int i = 0; i < 5000; ++i) rows += ",{}";
  EXPECT_EQ(Added(rows + "]}"), "'instances' has 5001 rows; at most 4096 are supported");
}

TEST_F(JsonDefaultsTest, LeavesOtherBodiesAlone) {
  for (const std::string body :
       {std::string(R"({"inputs": {"num_steps": 1, "temperature": 1, "seed": 1}})"),
        std::string(R"({"instances": [1, 2]})"), std::string(R"({"instances": 1})"),
        std::string(R"({"inputs": 1})"), std::string(R"({"signature_name": "none", "inputs": {}})"),
        std::string(R"({"signature_name": 1, "inputs": {}})"), std::string("{"), std::string("[]"),
        std::string(), std::string("{\"inputs\": {\"a\": \"\\\"}}")}) {
    EXPECT_EQ(Added(body), "") << body.substr(0, 80);
  }
}

}  // namespace
}  // namespace magenta_serving
