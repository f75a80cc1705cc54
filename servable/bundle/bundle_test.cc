#include "servable/bundle/bundle.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "note_seq/protobuf/generator.pb.h"

namespace magenta_serving {
namespace {

using ::testing::HasSubstr;

constexpr char kDemo[] = "demo/models/melody/1";

::magenta::GeneratorBundle SmallBundle() {
  ::magenta::GeneratorBundle bundle;
  bundle.mutable_generator_details()->set_id("basic_rnn");
  bundle.add_checkpoint_file("checkpoint");
  tensorflow::MetaGraphDef metagraph;
  metagraph.mutable_meta_info_def()->set_tensorflow_version("1.2.3");
  bundle.set_metagraph_file(metagraph.SerializeAsString());
  return bundle;
}

std::string ParseErrorOf(const ::magenta::GeneratorBundle& bundle) {
  const auto parsed = ParseBundle(bundle.SerializeAsString());
  EXPECT_EQ(parsed.status().code(), absl::StatusCode::kInvalidArgument);
  return std::string(parsed.status().message());
}

TEST(ParseBundleTest, ReadsWhatABundleHas) {
  const Bundle bundle = ParseBundle(SmallBundle().SerializeAsString()).value();
  EXPECT_EQ(bundle.generator_id, "basic_rnn");
  EXPECT_EQ(bundle.checkpoint, "checkpoint");
  EXPECT_EQ(bundle.metagraph.meta_info_def().tensorflow_version(), "1.2.3");
}

TEST(ParseBundleTest, SaysWhatIsMissing) {
  EXPECT_THAT(ParseBundle("").status().message(),
              HasSubstr("GeneratorBundleParseError: the bundle has no generator id"));
  EXPECT_THAT(ParseBundle(std::string(100, '\xff')).status().message(),
              HasSubstr("not a serialized GeneratorBundle"));
  auto bundle = SmallBundle();
  bundle.clear_checkpoint_file();
  EXPECT_THAT(ParseErrorOf(bundle), HasSubstr("this one has 0"));
  bundle.add_checkpoint_file("");
  EXPECT_THAT(ParseErrorOf(bundle), HasSubstr("empty"));
  bundle = SmallBundle();
  bundle.add_checkpoint_file("another");
  EXPECT_THAT(ParseErrorOf(bundle), HasSubstr("this one has 2"));
  bundle = SmallBundle();
  bundle.set_metagraph_file("\xff\xff");
  EXPECT_THAT(ParseErrorOf(bundle), HasSubstr("metagraph"));
}

TEST(ReadBundleTest, TakesAFileOrItsVersionDirectory) {
  const std::string file = ResolveBundlePath(kDemo).value();
  EXPECT_EQ(ReadBundle(kDemo).value().generator_id, ReadBundle(file).value().generator_id);
  EXPECT_EQ(ReadBundle(file).value().bytes, std::filesystem::file_size(file));
}

TEST(ReadBundleTest, WantsExactlyOneBundleInADirectory) {
  const std::filesystem::path directory = std::filesystem::path(testing::TempDir()) / "two_bundles";
  std::filesystem::create_directories(directory);
  EXPECT_EQ(ReadBundle(directory).status().code(), absl::StatusCode::kNotFound);
  std::ofstream(directory / "a.mag") << "a";
  std::ofstream(directory / "b.mag") << "b";
  EXPECT_EQ(ReadBundle(directory).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(ReadBundle(directory / "c.mag").status().code(), absl::StatusCode::kNotFound);
}

}  // namespace
}  // namespace magenta_serving
