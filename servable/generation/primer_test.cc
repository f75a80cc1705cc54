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

TEST(ParseMelodyTest, ReadsEvents) {
  EXPECT_THAT(ParseMelody("melody", "[60, -2, -1]")->events(), ElementsAre(60, -2, -1));
  EXPECT_EQ(ParseMelody("melody", "[128]").status().message(),
            "ValueError: Melody event out of range: 128");
  EXPECT_THAT(ParseMelody("melody", "60").status().message(), HasSubstr("melody: ValueError"));
}

TEST(ParseChordTest, ReadsPitches) {
  const NoteSequence chord = ParseChord("pitches", "(60, 64)", 0.5).value();
  ASSERT_EQ(chord.notes_size(), 2);
  EXPECT_EQ(chord.notes(0).pitch(), 60);
  EXPECT_EQ(chord.notes(1).pitch(), 64);
  EXPECT_EQ(chord.notes(1).start_time(), 0);
  EXPECT_EQ(chord.notes(1).end_time(), 0.5);
  EXPECT_EQ(chord.notes(1).velocity(), 100);
  EXPECT_EQ(chord.total_time(), 0.5);
  EXPECT_EQ(chord.ticks_per_quarter(), 220);
  EXPECT_TRUE(chord.tempos().empty());
  EXPECT_EQ(ParseChord("pitches", "[]", 0.5).status().message(),
            "ValueError: pitches needs at least one pitch");
  EXPECT_THAT(ParseChord("pitches", "[C]", 0.5).status().message(), HasSubstr("pitches: "));
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

TEST(ParseNoteSequenceTest, RefusesWhatWouldTakeFarMoreThanItsBytes) {
  NoteSequence notes;
  for (int i = 0; i < 50'000; ++i) {
    NoteSequence::Note* note = notes.add_notes();
    note->set_pitch(60);
    note->set_start_time(i + 0.1);
    note->set_end_time(i + 0.2);
  }
  EXPECT_TRUE(ParseNoteSequence("sequence_bytes", notes.SerializeAsString()).ok());
  for (auto& note : *notes.mutable_notes()) note.Clear();
  EXPECT_THAT(ParseNoteSequence("sequence_bytes", notes.SerializeAsString()).status().message(),
              HasSubstr("sequence_bytes: a NoteSequence of 50000 parts in 100000 bytes"));
}

TEST(ParseListOfIntegerListsTest, ReadsPythonLists) {
  const auto parse = [](const char* text) { return ParseListOfIntegerLists(text).value(); };
  EXPECT_THAT(parse("[(36, 42), (), [42], (42,)]"),
              ElementsAre(ElementsAre(36, 42), ElementsAre(), ElementsAre(42), ElementsAre(42)));
  EXPECT_THAT(parse(" ( [1] , [2,3] , ) "), ElementsAre(ElementsAre(1), ElementsAre(2, 3)));
  EXPECT_THAT(parse("((1,),)"), ElementsAre(ElementsAre(1)));
  EXPECT_TRUE(parse("[]").empty());
  EXPECT_TRUE(parse("()").empty());
}

TEST(ParseListOfIntegerListsTest, SaysWhereItIsNone) {
  const auto error = [](const char* text) {
    return std::string(ParseListOfIntegerLists(text).status().message());
  };
  EXPECT_THAT(error(""), HasSubstr("expected a list such as"));
  EXPECT_THAT(error("[36, 42]"), HasSubstr("item 0 of the list: ValueError"));
  EXPECT_THAT(error("[(1,), (2)]"), HasSubstr("item 1 of the list: ValueError: a tuple of one"));
  EXPECT_THAT(error("[(1,) (2,)]"), HasSubstr("item 0 of the list is followed by \"(2,)\""));
  EXPECT_THAT(error("[(1,), (2,]"), HasSubstr("item 1 of the list"));
  EXPECT_THAT(error("[(1,), , (2,)]"), HasSubstr("item 1 of the list"));
  EXPECT_THAT(error("((36,))"), HasSubstr("needs a comma"));
  EXPECT_THAT(error("[[[1]]]"), HasSubstr("item 0 of the list"));
}

TEST(CommandArgumentsTest, HaveATempoWhereStepsArePartsOfAQuarter) {
  const auto names = [](const std::vector<ArgumentSpec>& specs) {
    std::vector<std::string> names;
    for (const ArgumentSpec& spec : specs) names.push_back(spec.name);
    return names;
  };
  const std::vector<ArgumentSpec> own = {{"num_steps", 128, ""}};
  const std::vector<ArgumentSpec> specs = CommandArguments(own, 60);
  EXPECT_THAT(names(specs),
              ElementsAre("primer_sequence_bytes", "primer_midi_bytes", "num_steps", "qpm",
                          "temperature", "beam_size", "branch_factor", "steps_per_iteration"));
  EXPECT_THAT(specs[3].doc, HasSubstr("0 means 60."));
  EXPECT_THAT(names(CommandArguments(own, std::nullopt, BeamArguments())),
              ElementsAre("primer_sequence_bytes", "primer_midi_bytes", "num_steps", "beam_size",
                          "branch_factor"));
}

}  // namespace
}  // namespace magenta_serving
