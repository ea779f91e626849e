package gradus.weights;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class TorchTensorTest {
  private static TorchTensor tensor(long offset, List<Long> sizes, List<Long> strides) {
    return new TorchTensor(
        new TorchStorage("0", TorchStorage.Format.FLOAT, 24), offset, sizes, strides);
  }

  @Test
  void knowsWhetherItsValuesLieOneAfterTheOther() {
    assertTrue(tensor(0, List.of(2L, 3L), List.of(3L, 1L)).isContiguous());
    assertTrue(tensor(0, List.of(), List.of()).isContiguous());
    assertTrue(tensor(0, List.of(2L, 1L, 3L), List.of(3L, 77L, 1L)).isContiguous());
    assertFalse(tensor(0, List.of(2L, 3L), List.of(1L, 2L)).isContiguous());
    assertFalse(tensor(0, List.of(2L, 3L), List.of(4L, 1L)).isContiguous());
    assertFalse(tensor(0, List.of(2L), List.of(0L)).isContiguous());
  }

  @Test
  void whatFitsHasNoFault() {
    assertNull(tensor(0, List.of(4L, 6L), List.of(6L, 1L)).fault());
    assertNull(tensor(23, List.of(), List.of()).fault());
    assertNull(tensor(23, List.of(1000L), List.of(0L)).fault());
    assertNull(tensor(99, List.of(0L, 7L), List.of(7L, 1L)).fault());
    assertEquals(0, tensor(0, List.of(Long.MAX_VALUE, 9L, 0L), List.of(1L, 1L, 1L)).count());
  }

  @Test
  void findsFaults() {
    fault("number 24 of a storage of 24", tensor(0, List.of(5L, 5L), List.of(5L, 1L)));
    fault("number 24 of a storage of 24", tensor(24, List.of(), List.of()));
    fault("negative", tensor(-1, List.of(), List.of()));
    fault("negative", tensor(9, List.of(2L), List.of(-1L)));
    fault("negative", tensor(0, List.of(-2L, -2L), List.of(1L, 1L)));
    fault("2 extents and 1 strides", tensor(0, List.of(2L, 2L), List.of(1L)));
    fault("17 extents", tensor(0, Collections.nCopies(17, 1L), Collections.nCopies(17, 1L)));
    fault("at most 2147483647", tensor(0, List.of(1L << 31), List.of(0L)));
    fault("too large", tensor(0, List.of(1L << 62, 4L), List.of(0L, 0L)));
    fault("too large", tensor(0, List.of(3L), List.of(Long.MAX_VALUE)));
    fault("too large", tensor(Long.MAX_VALUE, List.of(2L), List.of(1L)));
  }

  private static void fault(String part, TorchTensor tensor) {
    assertTrue(tensor.fault() != null && tensor.fault().contains(part), tensor.fault());
  }
}
