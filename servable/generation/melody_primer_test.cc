#include "servable/generation/melody_primer.h"

#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "servable/music/quantize.h"

namespace magenta_serving {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// Two steps of middle C in each of these instruments, 16 steps from the beginning.
NoteSequence QuantizedNotes(const std::vector<int>& instruments) {
  NoteSequence sequence;
  for (int instrument : instruments) {
    auto* note = sequence.add_notes();
    note->set_pitch(60);
    note->set_velocity(90);
    note->set_instrument(instrument);
    note->set_start_time(2.0);
    note->set_end_time(2.25);
  }
  return QuantizeNoteSequence(sequence, 4).value();
}

GeneratorOptions Section(double start, double end) {
  GeneratorOptions options;
  options.add_generate_sections()->set_start_time(start);
  options.mutable_generate_sections(0)->set_end_time(end);
  return options;
}

TEST(MelodyPrimerTest, MakesASequenceOfEvents) {
  const NoteSequence sequence = PrimerMelodyFlag(60).parse("[62, -2]").value();
  EXPECT_EQ(sequence.notes(0).pitch(), 62);
  EXPECT_EQ(sequence.notes(0).end_time(), 0.5);
  EXPECT_THAT(PrimerMelodyFlag(60).parse("62").status().message(),
              HasSubstr("primer_melody: ValueError"));
  EXPECT_EQ(MiddleC(60)->notes(0).end_time(), 0.25);
}

TEST(MelodyPrimerTest, TakesTheMelodyOfOneInstrument) {
  EXPECT_THAT(ExtractOnlyMelody(QuantizedNotes({3}), 0)->events(), ElementsAre(60, -2));
  EXPECT_TRUE(ExtractOnlyMelody(QuantizedNotes({}), 0)->empty());
  EXPECT_TRUE(ExtractOnlyMelody(QuantizedNotes({3}), 17)->empty());
  EXPECT_EQ(ExtractOnlyMelody(QuantizedNotes({3, 0}), 0).status().message(),
            "AssertionError: 2 instruments of the sequence have a melody; only one may");
}

TEST(MelodyPrimerTest, ReachesTheSectionToGenerate) {
  GenerateSteps steps;
  const Melody melody =
      ExtractMelodyPrimer(QuantizedNotes({0}), 0, Section(2.375, 4), 8, {}, &steps).value();
  EXPECT_THAT(melody.events(), ElementsAre(60, -2, -1, -2));
  EXPECT_EQ(melody.start_step(), 16);
  EXPECT_EQ(steps.start, 20);
  EXPECT_EQ(steps.end, 32);

  const Melody silence =
      ExtractMelodyPrimer(QuantizedNotes({}), 0, Section(2.375, 4), 8, {}, &steps).value();
  EXPECT_THAT(silence.events(), ElementsAre(-2));
  EXPECT_EQ(silence.start_step(), 19);

  Limits limits;
  limits.max_steps = 3;
  EXPECT_THAT(ExtractMelodyPrimer(QuantizedNotes({0}), 0, Section(2.375, 4), 8, limits, &steps)
                  .status()
                  .message(),
              HasSubstr("max_steps is 3"));
}

}  // namespace
}  // namespace magenta_serving
