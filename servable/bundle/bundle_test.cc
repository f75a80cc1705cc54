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

TEST(ParseBundleTest, SaysWhichPartIsRefused) {
  auto bundle = SmallBundle();
  EXPECT_THAT(ParseErrorOf(bundle), HasSubstr("checkpoint is refused"));
  bundle.mutable_generator_details()->clear_id();
  EXPECT_THAT(ParseErrorOf(bundle), HasSubstr("no generator id"));
}

TEST(ParseBundleTest, RefusesManySmallFieldsBeforeParsingThem) {
  const std::string bundle = SmallBundle().SerializeAsString();
  const auto repeated = [&](absl::string_view field) {
    std::string bytes = bundle;
    for (int i = 0; i < 1000; ++i) bytes.append(field.data(), field.size());
    return std::string(ParseBundle(bytes).status().message());
  };
  EXPECT_THAT(repeated(absl::string_view("\x12\0", 2)), HasSubstr("this one has 1001"));
  EXPECT_THAT(repeated(absl::string_view("\x0a\0", 2)), HasSubstr("not a serialized"));
  EXPECT_THAT(repeated(absl::string_view("\x78\0", 2)), HasSubstr("not a serialized"));
}

TEST(ParseBundleTest, SaysWhatIsMissing) {
  EXPECT_THAT(ParseBundle("").status().message(),
              HasSubstr("GeneratorBundleParseError: a bundle has one checkpoint"));
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
  EXPECT_EQ(ReadBundle(file).value().serialized->size(), std::filesystem::file_size(file));
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
