package gradus.bench.op;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Collection;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/** One short iteration of each: they run, and take time. */
class OpBenchmarksTest {
  @ParameterizedTest
  @CsvSource({
    "ConvolutionBenchmark, convolution, W1_CONV2, 3",
    "PoolingBenchmark, pooling, W1_POOL2, 2",
    "PoolingBenchmark, pooling, W4_AVERAGE, 2",
    "BatchNormBenchmark, normalization, W4_LAYER3, 5",
    "GroupNormBenchmark, normalization, W4_LAYER3, 2",
    "LinearBenchmark, linear, W1_FC3, 3",
    "OptimizerBenchmark, parameters, 44426, 2"
  })
  void eachRuns(String benchmark, String parameter, String value, int methods)
      throws RunnerException {
    Collection<RunResult> results = run(benchmark, parameter, value, "warm");
    assertEquals(methods, results.size());
    for (RunResult result : results) {
      assertTrue(result.getPrimaryResult().getScore() > 0, result.getParams().toString());
    }
  }

  @Test
  void coldOperandsAreMany() throws RunnerException {
    Collection<RunResult> results =
        run("ConvolutionBenchmark.forward", "convolution", "W1_CONV2", "cold");
    assertTrue(results.iterator().next().getPrimaryResult().getScore() > 0);
  }

  private static Collection<RunResult> run(
      String benchmark, String parameter, String value, String tensors) throws RunnerException {
    ChainedOptionsBuilder options =
        new OptionsBuilder()
            .include("gradus\\.bench\\.op\\." + benchmark)
            .param(parameter, value)
            .param("threads", "1")
            .param("tensors", tensors)
            .forks(0)
            .warmupIterations(0)
            .measurementIterations(1)
            .measurementTime(TimeValue.milliseconds(10))
            .shouldFailOnError(true)
            .verbosity(VerboseMode.SILENT);
    return new Runner(options.build()).run();
  }
}
