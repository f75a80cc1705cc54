#include "servable/generation/primer.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace magenta_serving {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(ParseIntegerListTest, ReadsPythonsLists) {
  EXPECT_THAT(ParseIntegerList("[60, -2, 62]").value(), ElementsAre(60, -2, 62));
  EXPECT_THAT(ParseIntegerList(" ( 60 ,-1, ) ").value(), ElementsAre(60, -1));
  EXPECT_THAT(ParseIntegerList("[]").value(), IsEmpty());
}

TEST(ParseIntegerListTest, RefusesTheRestByName) {
  for (const char* text : {"", "60", "[60", "[60,,62]", "[,]", "[sixty]", "[60.5]", "(60)", "[060]",
                           "(,)", "[99999999999]", "[[60]]"}) {
    const auto status = ParseIntegerList(text).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << text;
    EXPECT_THAT(status.message(), HasSubstr("ValueError: ")) << text;
  }
  EXPECT_THAT(ParseIntegerList("[60, x]").status().message(), HasSubstr("item 1"));
}

TEST(ParseNoteSequenceTest, NamesTheInputThatIsNotOne) {
  EXPECT_TRUE(ParseNoteSequence("sequence_bytes", "").ok());
  EXPECT_THAT(ParseNoteSequence("sequence_bytes", "\xff\xff").status().message(),
              HasSubstr("sequence_bytes"));
}

TEST(OnlyOneGivenTest, NamesBothOfTwo) {
  Arguments arguments({{"a", "", ""}, {"b", "", ""}});
  EXPECT_EQ(OnlyOneGiven(arguments, {"a", "b"}).value(), "");
  arguments.Set("b", "xyz");
  EXPECT_EQ(OnlyOneGiven(arguments, {"a", "b"}).value(), "b");
  arguments.Set("a", "x");
  EXPECT_THAT(OnlyOneGiven(arguments, {"a", "b"}).status().message(),
              HasSubstr("give either a or b, not both"));
}

}  // namespace
}  // namespace magenta_serving
