package gradus.backend.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is said on machines that lack one piece, each in a process of its own. */
@Tag("fake-cuda")
class FakeEnvironmentTest {
  @TempDir Path work;

  @Test
  void aCompleteMachineWorksAndNothingIsLeftBehind() throws Exception {
    Path report = work.resolve("report");
    FakeProcess process =
        FakeProcess.run(
            FakeProcess.libraries(), work, Map.of("FAKE_CUDA_REPORT", report.toString()));
    assertEquals(0, process.exit(), process.output());
    assertTrue(
        process
            .output()
            .startsWith(
                "cuda: Fake GPU on the CPU (device 0, compute capability 9.0), driver for CUDA 13.0, CUDA 13.0, cuBLAS 13.1.0, cuDNN 9.19.0\ngraphs 2\n"),
        process.output());
    assertEquals("device blocks 0, handles 0", Files.readString(report).strip());
    try (Stream<Path> kernels = Files.list(work.resolve("kernels"))) {
      assertEquals(1, kernels.count(), "the compiled kernels are kept");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "FAKE_CUDA_STATUS | 35 | cudaErrorInsufficientDriver | install driver 580",
        "FAKE_CUDA_DEVICES | 0 | no CUDA device is visible | CUDA_VISIBLE_DEVICES",
        "FAKE_CUDA_CAPABILITY | 70 | compute capability is 7.0 | 7.5",
        "FAKE_CUDNN_VERSION | 8907 | cuDNN 8907 is installed | libcudnn9-cuda-13",
      })
  void anUnusableMachineIsRefused(String variable, String value, String what, String remedy)
      throws Exception {
    FakeProcess process = FakeProcess.run(FakeProcess.libraries(), work, Map.of(variable, value));
    assertEquals(3, process.exit(), process.output());
    assertTrue(process.output().contains(what), process.output());
    assertTrue(process.output().contains(remedy), process.output());
  }

  @ParameterizedTest
  @CsvSource({
    "libcuda.so.1, nvidia-driver-libs",
    "libcublas.so.13, libcublas-13-0",
    "libcudnn_cnn.so.9, libcudnn9-cuda-13",
    "libnvrtc.so.13, cuda-nvrtc-13-0",
  })
  void aMissingLibraryIsNamedWithItsPackage(String library, String packageName) throws Exception {
    Path libraries = copyWithout(library);
    FakeProcess process = FakeProcess.run(libraries, work, Map.of());
    assertEquals(3, process.exit(), process.output());
    assertTrue(process.output().contains(library), process.output());
    assertTrue(process.output().contains(packageName), process.output());
  }

  @ParameterizedTest
  @ValueSource(strings = {"recording", "launching"})
  void whatCannotBeAGraphIsStartedCallByCall(String refused) throws Exception {
    FakeProcess process =
        FakeProcess.run(FakeProcess.libraries(), work, Map.of("FAKE_CUDA_REFUSES", refused));
    assertEquals(0, process.exit(), process.output());
    assertTrue(process.output().contains("graphs 0"), process.output());
    assertEquals(1, process.output().split("cannot be started as one CUDA graph", -1).length - 1);
  }

  @Test
  void whoLooksForAKernelThatFailsHasNoGraphs() throws Exception {
    FakeProcess process =
        FakeProcess.run(FakeProcess.libraries(), work, Map.of("CUDA_LAUNCH_BLOCKING", "1"));
    assertEquals(0, process.exit(), process.output());
    assertTrue(process.output().contains("graphs 0"), process.output());
    assertFalse(process.output().contains("cannot be started"), process.output());
  }

  @Test
  void aDeviceThatIsNotThereIsRefused() throws Exception {
    FakeProcess process = FakeProcess.run(FakeProcess.libraries(), work, Map.of(), "-Ddevice=1");
    assertEquals(4, process.exit(), process.output());
    assertTrue(process.output().contains("There is no device cuda:1: 1 visible"), process.output());
  }

  @Test
  void aGpuOlderThanBfloat16SaysSo() throws Exception {
    FakeProcess process = runOnCapability75("BF16");
    assertEquals(4, process.exit(), process.output());
    assertTrue(process.output().contains("bf16 needs 8.0: take fp16"), process.output());
  }

  @Test
  void everyGpuHasFloat16() throws Exception {
    FakeProcess process = runOnCapability75("FP16");
    assertEquals(0, process.exit(), process.output());
  }

  private FakeProcess runOnCapability75(String precision) throws Exception {
    return FakeProcess.run(
        FakeProcess.libraries(),
        work,
        Map.of("FAKE_CUDA_CAPABILITY", "75"),
        "-Dprecision=" + precision);
  }

  @Test
  void anotherDeviceCanBeChosen() throws Exception {
    FakeProcess process =
        FakeProcess.run(
            FakeProcess.libraries(), work, Map.of("FAKE_CUDA_DEVICES", "2"), "-Ddevice=1");
    assertEquals(0, process.exit(), process.output());
    assertTrue(process.output().contains("(device 1,"), process.output());
  }

  @Test
  void theMemoryLimitIsNamedWhenItIsReached() throws Exception {
    FakeProcess process =
        FakeProcess.run(FakeProcess.libraries(), work, Map.of(), "-Dgradus.cuda.memory=700");
    assertEquals(4, process.exit(), process.output());
    assertTrue(
        process.output().contains("limited to 700 bytes by -Dgradus.cuda.memory"),
        process.output());
  }

  @Test
  void idleMemoryIsGivenBackForTheWorkOfAnOp() throws Exception {
    FakeProcess process =
        FakeProcess.run(FakeProcess.libraries(), work, Map.of("FAKE_CUDA_MEMORY", "6000"));
    assertEquals(0, process.exit(), process.output());
  }

  @Test
  void aFullDeviceSaysSo() throws Exception {
    FakeProcess process =
        FakeProcess.run(FakeProcess.libraries(), work, Map.of("FAKE_CUDA_MEMORY", "3000"));
    assertEquals(4, process.exit(), process.output());
    assertTrue(process.output().contains("has no room for"), process.output());
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void severalGpusTalkThroughNccl(boolean oneByOne) throws Exception {
    Path report = work.resolve("report");
    FakeProcess process =
        FakeProcess.run(
            FakeProcess.libraries(),
            work,
            Map.of("FAKE_CUDA_DEVICES", "2", "FAKE_CUDA_REPORT", report.toString()),
            "-Dtogether=2",
            "-Done.by.one=" + oneByOne);
    assertEquals(0, process.exit(), process.output());
    assertEquals("2 GPUs, through NCCL 2.27.3: " + SharedWork.RIGHT, process.output().strip());
    assertEquals("device blocks 0, handles 0", Files.readString(report).strip());
  }

  @Test
  void withoutNcclTheyTalkThroughTheHost() throws Exception {
    FakeProcess process =
        FakeProcess.run(
            copyWithout("libnccl.so.2"), work, Map.of("FAKE_CUDA_DEVICES", "2"), "-Dtogether=2");
    assertEquals(0, process.exit(), process.output());
    assertTrue(
        process.output().contains("2 devices, through the memory of the host: " + SharedWork.RIGHT),
        process.output());
    assertTrue(process.output().contains("install NVIDIA's package libnccl2"), process.output());
  }

  @Test
  void aGpuThatNcclDoesNotConnectIsItsOwnCollective() throws Exception {
    FakeProcess process =
        FakeProcess.run(
            FakeProcess.libraries(), work, Map.of("FAKE_NCCL_STATUS", "2"), "-Dtogether=1");
    assertEquals(0, process.exit(), process.output());
    assertTrue(
        process.output().contains("1 devices, through the memory of the host: sum 1.0"),
        process.output());
    assertTrue(process.output().contains("ncclCommInitAll returned 2"), process.output());
  }

  @Test
  void aDeviceThatIsBrokenIsNotCalledFull() throws Exception {
    FakeProcess process =
        FakeProcess.run(
            FakeProcess.libraries(),
            work,
            Map.of("FAKE_CUDA_BREAKS", "1", "CUDA_LAUNCH_BLOCKING", "1"));
    assertEquals(4, process.exit(), process.output());
    assertTrue(
        process
            .output()
            .contains("cudaMalloc returned 700 (an illegal memory access was encountered)"),
        process.output());
  }

  /** The loader finds the driver alone, and NVRTC asks it for another library by its name. */
  @Test
  void theFolderThatIsNamedServesLibrariesThatLoadOthers() throws Exception {
    Path driver = Files.createDirectory(work.resolve("driver"));
    for (String library : new String[] {"libcuda.so.1", "libcudart.so.13"}) {
      Files.createSymbolicLink(
          driver.resolve(library), FakeProcess.libraries().resolve(library).toRealPath());
    }
    FakeProcess process =
        FakeProcess.run(
            FakeProcess.libraries(), work, Map.of("LD_LIBRARY_PATH", driver.toString()));
    assertEquals(0, process.exit(), process.output());
  }

  private Path copyWithout(String library) throws IOException {
    Path copy = Files.createDirectory(work.resolve("libraries"));
    try (Stream<Path> files = Files.list(FakeProcess.libraries())) {
      for (Path file : files.toList()) {
        if (!file.getFileName().toString().equals(library)) {
          Files.copy(file, copy.resolve(file.getFileName()));
        }
      }
    }
    return copy;
  }
}
