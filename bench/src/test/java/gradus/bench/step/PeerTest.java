package gradus.bench.step;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import gradus.tensor.Precision;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PeerTest {
  @Test
  void aPeerHasOneThreadPoolAndKeepsItsPages() {
    Map<String, String> environment = Peer.PYTORCH.environment(2, "best");
    assertEquals("2", environment.get("OMP_NUM_THREADS"));
    assertEquals("GNU", environment.get("MKL_THREADING_LAYER"));
    assertTrue(environment.containsKey("MALLOC_TRIM_THRESHOLD_"));
    assertTrue(!environment.containsKey("ATEN_CPU_CAPABILITY"));
    assertEquals(Map.of(), Peer.GRADUS.environment(2, "best"));
  }

  @Test
  void everyoneIsHeldToAvx2ByItsOwnMeans() {
    assertEquals(
        "avx2", Peer.PYTORCH_CHANNELS_LAST.environment(1, "avx2").get("ATEN_CPU_CAPABILITY"));
    assertEquals("AVX2", Peer.DJL.environment(1, "avx2").get("DNNL_MAX_CPU_ISA"));
    assertTrue(
        Peer.GRADUS.command("java", "a.jar", "avx2", List.of()).contains("-Dgradus.cpu.isa=avx2"));
    assertTrue(
        Peer.GRADUS.command("java", "a.jar", "best", List.of("W1")).stream()
            .noneMatch(argument -> argument.contains("gradus.cpu.isa")));
  }

  @Test
  void onlyDjlTrainsInFloat32AloneAndNobodyInWhatIsOfGpus() {
    for (Peer peer : Peer.values()) {
      assertTrue(peer.trainsIn(Precision.FP32), peer.toString());
      assertEquals(peer != Peer.DJL, peer.trainsIn(Precision.BF16), peer.toString());
      assertFalse(peer.trainsIn(Precision.TF32), peer.toString());
      assertFalse(peer.trainsIn(Precision.FP16), peer.toString());
    }
  }

  @Test
  void namesAndFolders() {
    assertEquals("pytorch-channels-last", Peer.PYTORCH_CHANNELS_LAST.toString());
    assertEquals(Path.of("bench/djl/target/lib"), Peer.DJL.libraries(Path.of("bench")));
    assertEquals(Path.of("bench/target/lib"), Peer.GRADUS_STRICT.libraries(Path.of("bench")));
  }
}
