package gradus.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.GradusException;
import gradus.backend.BackendOptions;
import gradus.backend.Reading;
import gradus.tensor.DType;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Numbers on their way while other calls fail. */
@Tag("fake-cuda")
class FakeLateReadsTest {
  @Test
  void aNumberBehindACallThatFailedIsNotAnOldOne() {
    try (CudaContext context = CudaContext.open(BackendOptions.DEFAULT)) {
      Copies copies = new Copies(context);
      LateReads reads = new LateReads(context, copies);
      CudaBuffer number = new CudaBuffer(DType.F32, Float.BYTES, context.allocate(Float.BYTES));
      copies.zero(number);
      Reading before = reads.read(number);
      reads.flush();

      CommandQueue queue = context.queue();
      queue.add(queue.next(command -> fail(), null));
      List<Reading> lost = new ArrayList<>();
      for (int i = 0; i < 10; i++) {
        lost.add(reads.read(number));
      }
      assertThrows(GradusException.class, context::flush);
      for (Reading reading : lost) {
        for (int i = 0; i < 2; i++) {
          GradusException told = assertThrows(GradusException.class, reading::value);
          assertTrue(told.getMessage().contains("never came"), told.getMessage());
        }
      }
      assertEquals(0, before.value());
      List<Reading> after = new ArrayList<>();
      for (int i = 0; i < 20; i++) { // more than there are places, some of which nobody will ask
        after.add(reads.read(number));
      }
      for (Reading reading : after) {
        assertEquals(0, reading.value());
      }
      context.free(CudaBuffer.address(number));
    }
  }

  @Test
  void aNumberThatNeverCameIsNotTheOneThatCameToItsPlace() {
    try (CudaContext context = CudaContext.open(BackendOptions.DEFAULT)) {
      Copies copies = new Copies(context);
      LateReads reads = new LateReads(context, copies);
      CudaBuffer number = new CudaBuffer(DType.F32, Float.BYTES, context.allocate(Float.BYTES));
      copies.zero(number);
      CommandQueue queue = context.queue();
      queue.add(queue.next(command -> fail(), null));
      Reading lost = reads.read(number);
      assertThrows(GradusException.class, context::flush);

      List<Reading> after = new ArrayList<>();
      for (int i = 0; i < 40; i++) { // more than there are places
        after.add(reads.read(number));
      }
      reads.flush();
      assertThrows(GradusException.class, lost::value);
      for (Reading reading : after) {
        assertEquals(0, reading.value());
      }
      assertThrows(GradusException.class, lost::value);
      context.free(CudaBuffer.address(number));
    }
  }

  private static void fail() {
    throw new GradusException("broken");
  }
}
