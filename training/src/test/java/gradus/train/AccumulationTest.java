package gradus.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.GradusException;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class AccumulationTest {
  private static List<Integer> updatesAfter(int batches, int ofEpoch) {
    Accumulation accumulation = new Accumulation(batches);
    List<Integer> after =
        IntStream.rangeClosed(1, ofEpoch)
            .filter(batch -> accumulation.endsUpdate(batch, ofEpoch))
            .boxed()
            .toList();
    assertEquals(after.size(), accumulation.updates(ofEpoch));
    return after;
  }

  @Test
  void whatIsLeftAtTheEndOfAnEpochIsAnUpdateToo() {
    assertEquals(List.of(1, 2, 3), updatesAfter(1, 3));
    assertEquals(List.of(3, 6, 8), updatesAfter(3, 8));
    assertEquals(List.of(4, 8), updatesAfter(4, 8));
    assertEquals(List.of(8), updatesAfter(100, 8));
  }

  @Test
  void sharesOfFullBatchesAddUpToTheirMean() {
    assertEquals(1, Accumulation.NONE.share(4, 8), "a smaller batch is a whole update");
    assertEquals(0.25f, new Accumulation(4).share(8, 8));
    assertEquals(0.125f, new Accumulation(4).share(4, 8));
    assertEquals(32, new Accumulation(4).images(8));
  }

  @Test
  void anUpdateDoesNotReachOverTheEndOfAnEpoch() {
    Accumulation accumulation = new Accumulation(6);
    assertSame(accumulation, accumulation.within(6));
    assertEquals(new Accumulation(5), accumulation.within(5));
  }

  @Test
  void refusesAnUpdateOfNothing() {
    GradusException error = assertThrows(GradusException.class, () -> new Accumulation(0));
    assertTrue(error.getMessage().contains("from 0 batches"), error::getMessage);
  }
}
