#include "servable/music/polyphonic_sequence.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "servable/music/quantize.h"
#include "servable/music/test_util/note_sequences.h"

namespace magenta_serving {
namespace {

using ::testing::HasSubstr;
using Event = PolyphonicEvent;

// A sequence written as text, one word for each event: "^" START, "$" END, "|" STEP_END, "60" a new
// note, "~60" a continued one.
std::string Text(const PolyphonicSequence& sequence) {
  std::string text;
  for (const Event& event : sequence.events()) {
    const std::string pitch = std::to_string(event.pitch);
    const std::string words[] = {"^", "$", "|", pitch, "~" + pitch};
    text += (text.empty() ? "" : " ") + words[event.type];
  }
  return text;
}

std::vector<Event> Events(const std::string& text) {
  std::vector<Event> events;
  for (size_t begin = 0; begin < text.size();) {
    const size_t end = std::min(text.find(' ', begin), text.size());
    const std::string word = text.substr(begin, end - begin);
    if (word == "^") {
      events.push_back({Event::kStart});
    } else if (word == "$") {
      events.push_back({Event::kEnd});
    } else if (word == "|") {
      events.push_back({Event::kStepEnd});
    } else if (word[0] == '~') {
      events.push_back({Event::kContinuedNote, std::stoi(word.substr(1))});
    } else {
      events.push_back({Event::kNewNote, std::stoi(word)});
    }
    begin = end + 1;
  }
  return events;
}

PolyphonicSequence Sequence(const std::string& text, int64_t start_step = 0) {
  return PolyphonicSequence::Create(Events(text), 4, start_step).value();
}

absl::StatusOr<PolyphonicSequence> FromSteps(const std::vector<TestNote>& notes,
                                             int64_t start_step = 0) {
  return PolyphonicSequence::FromQuantizedSequence(
      QuantizeNoteSequence(SequenceOfSteps(notes), 4).value(), start_step);
}

// "PITCH START-END ..." in steps of an eighth of a second.
std::string Notes(const NoteSequence& sequence) {
  std::string text;
  for (const auto& note : sequence.notes()) {
    text += (text.empty() ? "" : " ") + std::to_string(note.pitch()) + ":" +
            std::to_string(std::lround(note.start_time() * 8)) + "-" +
            std::to_string(std::lround(note.end_time() * 8));
  }
  return text;
}

TEST(PolyphonicSequenceTest, TakesNotesStepByStepFromTheHighestPitchDown) {
  EXPECT_EQ(Text(*FromSteps({{0, 2, 60}, {0, 1, 64}, {1, 3, 67}})),
            "^ 64 60 | 67 ~60 | ~67 | $");
  // Of one pitch, what continues comes first; each sounding note has its own event.
  EXPECT_EQ(Text(*FromSteps({{0, 3, 60}, {1, 2, 60}, {1, 3, 60}})),
            "^ 60 | ~60 60 60 | ~60 ~60 | $");
  EXPECT_EQ(Text(*FromSteps({})), "^ $");
}

TEST(PolyphonicSequenceTest, TakesNotesFromAStepOn) {
  const PolyphonicSequence sequence = FromSteps({{0, 4, 60}, {2, 3, 62}}, 1).value();
  EXPECT_EQ(Text(sequence), "^ | 62 | | $");
  EXPECT_EQ(sequence.start_step(), 1);
  EXPECT_EQ(sequence.num_steps(), 3);
  EXPECT_EQ(sequence.steps_per_quarter(), 4);
  // Nothing is left behind the end.
  EXPECT_EQ(Text(*FromSteps({{0, 4, 60}}, 9)), "^ $");
}

TEST(PolyphonicSequenceTest, IsAsLongAsTheSequenceIs) {
  NoteSequence longer = SequenceOfSteps({{0, 1, 60}});
  longer.set_total_time(0.375);
  EXPECT_EQ(Text(*PolyphonicSequence::FromQuantizedSequence(*QuantizeNoteSequence(longer, 4))),
            "^ 60 | | | $");
}

TEST(PolyphonicSequenceTest, RefusesOddNotes) {
  EXPECT_EQ(FromSteps({{0, 2, 200}}).status().message(), "ValueError: Invalid pitch: 200");
  EXPECT_EQ(FromSteps({{0, 2, -1}}).status().message(), "ValueError: Invalid pitch: -1");
  // A note that ends before it starts takes the end of another, if there is one.
  EXPECT_THAT(FromSteps({{3, 1, 60}, {0, 4, 62}}).status().message(), HasSubstr("list.remove"));
  EXPECT_EQ(Text(*FromSteps({{3, 1, 60}, {0, 4, 60}})), "^ 60 | | | 60 | $");
  EXPECT_THAT(PolyphonicSequence::FromQuantizedSequence(SequenceOfSteps({})).status().message(),
              HasSubstr("QuantizationStatusError: NoteSequence"));
}

TEST(PolyphonicSequenceTest, BoundsWhatItMakes) {
  EXPECT_THAT(FromSteps({{0, 1e15, 60}}).status().message(), HasSubstr("1000000000000000 steps"));
  const std::vector<TestNote> chord(100, {0, 100000, 60});
  EXPECT_THAT(FromSteps(chord).status().message(), HasSubstr("or more events"));
  EXPECT_THAT(Sequence("^").SetLength(int64_t{1} << 40).message(), HasSubstr("at most 1048576"));
}

TEST(PolyphonicSequenceTest, AppendsEvents) {
  PolyphonicSequence sequence(4, 7);
  EXPECT_EQ(Text(sequence), "^");
  EXPECT_TRUE(sequence.Append({Event::kNewNote, 60}).ok());
  EXPECT_EQ(sequence.num_steps(), 0);
  EXPECT_TRUE(sequence.Append({Event::kStepEnd, 0}).ok());
  EXPECT_EQ(sequence.num_steps(), 1);
  EXPECT_EQ(sequence.Append({Event::kNewNote, 128}).message(), "ValueError: Invalid pitch: 128");
  EXPECT_EQ(sequence.Append({Event::kContinuedNote}).message(),
            "TypeError: a note without a pitch");
  EXPECT_EQ(Text(sequence), "^ 60 |");
  EXPECT_FALSE(PolyphonicSequence::Create({{Event::kStepEnd}}, 4, 0).ok());
}

TEST(PolyphonicSequenceTest, SetsItsLength) {
  const auto with_length = [](const std::string& text, int64_t steps) {
    PolyphonicSequence sequence = Sequence(text);
    EXPECT_TRUE(sequence.SetLength(steps).ok());
    EXPECT_EQ(sequence.num_steps(), steps);
    return Text(sequence);
  };
  EXPECT_EQ(with_length("^", 0), "^ $");
  EXPECT_EQ(with_length("^ $ $", 2), "^ | | $");
  EXPECT_EQ(with_length("^ 60 | ~60", 2), "^ 60 | ~60 | $");
  EXPECT_EQ(with_length("^ 60 | ~60", 1), "^ 60 | $");
  EXPECT_EQ(with_length("^ 60 | ~60 | $", 2), "^ 60 | ~60 | $");
  EXPECT_EQ(with_length("^ 60 | ~60 | ~60 | $", 1), "^ 60 | $");
  EXPECT_EQ(with_length("^ 60 | ~60 | $", 0), "^ $");
  EXPECT_EQ(with_length("^ 60 $ | $ 61 |", 2), "^ 60 $ | $ 61 | $");

  PolyphonicSequence sequence = Sequence("^ 60 | $");
  EXPECT_THAT(sequence.SetLength(-1).message(), HasSubstr("AssertionError"));
}

TEST(PolyphonicSequenceTest, MakesNotes) {
  const NoteSequence sequence = Sequence("^ 64 60 | 67 ~60 | ~67 | $", 2).ToSequence(120).value();
  EXPECT_EQ(Notes(sequence), "64:2-3 60:2-4 67:3-5");
  EXPECT_EQ(sequence.notes(0).velocity(), 100);
  EXPECT_EQ(sequence.total_time(), 5 * 0.125);
  EXPECT_EQ(sequence.tempos(0).qpm(), 120);
  EXPECT_EQ(sequence.ticks_per_quarter(), 220);
  EXPECT_EQ(Sequence("^ | | $").ToSequence(60).value().total_time(), 0.5);
}

TEST(PolyphonicSequenceTest, MakesNotesOfWhatAModelMayWrite) {
  const auto notes = [](const std::string& text) {
    return Notes(Sequence(text).ToSequence().value());
  };
  EXPECT_EQ(notes("^ ~60 | ~61 | $"), "");               // nothing to continue
  EXPECT_EQ(notes("^ 60 $ ^ 61 | ~61 | $"), "60:0-1 61:0-2");  // marks in the middle
  EXPECT_EQ(notes("^ 60 60 | ~60 | | $"), "60:0-1 60:0-2");    // the first ends first
  EXPECT_EQ(notes("^ 60 | 60 ~60 | $"), "60:0-2 60:1-2");
  EXPECT_EQ(notes("^ 60 | 60 | $"), "60:0-1 60:1-2");
  // Two continuations of one note count once.
  EXPECT_EQ(notes("^ 60 | ~60 ~60 | | $"), "60:0-2");
}

TEST(PolyphonicSequenceTest, AddsToABaseSequence) {
  NoteSequence base = SequenceOfSteps({{0, 2, 50, 33}});
  EXPECT_THAT(Sequence("^ 60 | $").ToSequence(90, &base).status().message(),
              HasSubstr("IndexError"));
  AddTempo(90, 0, base);
  base.set_id("primer");
  const NoteSequence sequence = Sequence("^ 60 | $", 3).ToSequence(90, &base).value();
  EXPECT_EQ(sequence.id(), "primer");
  ASSERT_EQ(sequence.notes_size(), 2);
  EXPECT_EQ(sequence.notes(0).velocity(), 33);
  EXPECT_EQ(sequence.notes(1).pitch(), 60);
  EXPECT_EQ(sequence.ticks_per_quarter(), 0);
  EXPECT_EQ(sequence.tempos_size(), 1);
  EXPECT_EQ(sequence.total_time(), 60.0 / 90 / 4 * 1 + 3 * (60.0 / 90 / 4));
  EXPECT_THAT(Sequence("^ 60 | $").ToSequence(91, &base).status().message(),
              HasSubstr("ValueError: Supplied QPM (91.0) does not match"));
  EXPECT_THAT(Sequence("^ $").ToSequence(90, &base).status().message(),
              HasSubstr("AssertionError"));
}

TEST(PolyphonicSequenceTest, RefusesWhatHasNoEnd) {
  EXPECT_THAT(Sequence("^ 60 $").ToSequence().status().message(),
              HasSubstr("ValueError: 1 notes have no end"));
  EXPECT_THAT(Sequence("^ 60 | ~60 | 61 $").ToSequence().status().message(),
              HasSubstr("ValueError: 1 notes have no end"));
  EXPECT_THAT(Sequence("^ 60 | $").ToSequence(0).status().message(),
              HasSubstr("ZeroDivisionError"));
}

TEST(ExtractPolyphonicSequenceTest, TakesOneProgramOnly) {
  NoteSequence quantized =
      QuantizeNoteSequence(SequenceOfSteps({{0, 1, 60}, {1, 2, 62}}), 4).value();
  EXPECT_EQ(Text(**ExtractPolyphonicSequence(quantized)), "^ 60 | 62 | $");
  EXPECT_EQ(Text(**ExtractPolyphonicSequence(quantized, 1)), "^ 62 | $");
  quantized.mutable_notes(1)->set_program(5);
  EXPECT_FALSE(ExtractPolyphonicSequence(quantized)->has_value());
  quantized.mutable_notes(0)->set_program(5);
  EXPECT_TRUE(ExtractPolyphonicSequence(quantized)->has_value());
  EXPECT_THAT(ExtractPolyphonicSequence(SequenceOfSteps({})).status().message(),
              HasSubstr("QuantizationStatusError"));
}

}  // namespace
}  // namespace magenta_serving
