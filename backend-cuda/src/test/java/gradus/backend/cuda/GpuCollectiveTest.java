package gradus.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.bytedeco.cuda.global.cudart;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** NCCL between the GPUs of this machine. */
@Tag("gpu")
class GpuCollectiveTest implements GpuTest {
  private static int devices() {
    int[] devices = new int[1];
    CudaStatus.cuda(cudart.cudaGetDeviceCount(devices), "cudaGetDeviceCount");
    return devices[0];
  }

  @Test
  void oneGpuIsTheSimplestCase() {
    String result = new SharedWork(new CudaBackendProvider(), 1).result();
    assertTrue(result.startsWith("1 GPUs, through NCCL"), result);
    assertTrue(result.contains("sum 1.0, second 1.0, copied 1.0, in parts 10.0 and 1.0"), result);
  }

  @Test
  void twoGpusComeToWhatTheyShould() {
    int devices = devices();
    assumeTrue(devices >= 2, "2 GPUs are needed, but this machine has " + devices + ".");
    String result = new SharedWork(new CudaBackendProvider(), 2).result();
    assertTrue(result.startsWith("2 GPUs, through NCCL"), result);
    assertTrue(result.endsWith(SharedWork.RIGHT), result);
  }
}
