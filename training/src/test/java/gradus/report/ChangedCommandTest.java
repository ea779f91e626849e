package gradus.report;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

class ChangedCommandTest {
  @Test
  void addsWhatWasNotSaid() {
    assertEquals(
        "./gradus train --data mnist --clip-norm 1",
        ChangedCommand.of(List.of("train", "--data", "mnist"), "--clip-norm 1"));
  }

  @Test
  void replacesWhatWasSaid() {
    assertEquals(
        "./gradus train --data mnist --nesterov --lr 0.1 --warmup 1",
        ChangedCommand.of(
            List.of("train", "--lr", "10", "--data", "mnist", "--warmup=3", "--nesterov"),
            "--lr 0.1 --warmup 1"));
  }

  @Test
  void doesNotReplaceAnOptionWhoseNameBeginsAlike() {
    assertEquals(
        "./gradus train --lr-note x --lr 0.1",
        ChangedCommand.of(List.of("train", "--lr-note", "x"), "--lr 0.1"));
  }

  @Test
  void leavesTheFirstRunsFolderAlone() {
    assertEquals(
        "./gradus train --batch 32 --lr 0.1",
        ChangedCommand.of(
            List.of("train", "--out", "runs/a", "--resume", "--batch", "32", "--overwrite"),
            "--lr 0.1"));
  }

  @Test
  void takesAnOptionalValueAwayWithItsOption() {
    assertEquals(
        "./gradus train --json --early-stopping 10",
        ChangedCommand.of(
            List.of("train", "--early-stopping", "--json", "--early-stopping", "3"),
            "--early-stopping 10"));
  }

  @Test
  void quotesForAShell() {
    assertEquals(
        "./gradus train --data-dir 'my pets'\\''/x' --image-size '' --lr 0.1",
        ChangedCommand.of(
            List.of("train", "--data-dir", "my pets'/x", "--image-size", ""), "--lr 0.1"));
  }

  @Test
  void ofUnknownArgumentsItNamesTheOptionsAlone() {
    assertEquals("./gradus train ... --lr 0.1", ChangedCommand.of(List.of(), "--lr 0.1"));
    assertEquals(
        "./gradus train ... --lr 0.1",
        ChangedCommand.of(List.of("demo", "loss-stuck"), "--lr 0.1"));
  }
}
