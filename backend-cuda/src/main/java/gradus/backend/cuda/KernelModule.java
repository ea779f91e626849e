package gradus.backend.cuda;

import static org.bytedeco.cuda.global.cudart.cuModuleGetFunction;
import static org.bytedeco.cuda.global.cudart.cuModuleLoadData;
import static org.bytedeco.cuda.global.cudart.cuModuleUnload;
import static org.bytedeco.cuda.global.cudart.cuOccupancyMaxActiveBlocksPerMultiprocessor;
import static org.bytedeco.cuda.global.nvrtc.nvrtcCompileProgram;
import static org.bytedeco.cuda.global.nvrtc.nvrtcCreateProgram;
import static org.bytedeco.cuda.global.nvrtc.nvrtcDestroyProgram;
import static org.bytedeco.cuda.global.nvrtc.nvrtcGetCUBIN;
import static org.bytedeco.cuda.global.nvrtc.nvrtcGetCUBINSize;
import static org.bytedeco.cuda.global.nvrtc.nvrtcGetProgramLog;
import static org.bytedeco.cuda.global.nvrtc.nvrtcGetProgramLogSize;
import static org.bytedeco.cuda.global.nvrtc.nvrtcVersion;

import gradus.GradusException;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.cuda.cudart.CUfunc_st;
import org.bytedeco.cuda.cudart.CUmod_st;
import org.bytedeco.cuda.nvrtc._nvrtcProgram;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.PointerPointer;
import org.bytedeco.javacpp.SizeTPointer;

/**
 * The kernels compiled for one device, by NVRTC, to its own machine code: no compiler needs to be
 * installed, and no driver can be too old for it, as it can for PTX.
 */
final class KernelModule implements AutoCloseable {
  private final CUmod_st module = new CUmod_st();
  private final Map<Kernel, Loaded> functions = new EnumMap<>(Kernel.class);

  private record Loaded(CUfunc_st function, int blocksAtOnce) {}

  /**
   * Loads the kernels into the current device, compiling them unless the cache has them.
   *
   * @param capability the device's compute capability, 7.5 as 75
   */
  KernelModule(int capability, KernelCache cache) {
    List<String> options = options(capability);
    String source = KernelSource.text();
    byte[] machineCode = cache.get(source, options, compiler(), () -> compile(source, options));
    try (BytePointer image = new BytePointer(machineCode)) {
      CudaStatus.cuda(cuModuleLoadData(module, image), "cuModuleLoadData");
    }
    for (Kernel kernel : Kernel.values()) {
      CUfunc_st function = new CUfunc_st();
      CudaStatus.cuda(
          cuModuleGetFunction(function, module, kernel.entry()),
          "cuModuleGetFunction(" + kernel.entry() + ")");
      functions.put(kernel, new Loaded(function, blocksAtOnce(function)));
    }
  }

  private static int blocksAtOnce(CUfunc_st function) {
    int[] blocks = new int[1];
    CudaStatus.cuda(
        cuOccupancyMaxActiveBlocksPerMultiprocessor(blocks, function, Launch.BLOCK, 0),
        "cuOccupancyMaxActiveBlocksPerMultiprocessor");
    return blocks[0];
  }

  /** Of the compiler: lambdas in kernels are for the device, too, which nvcc knows by itself. */
  static List<String> options(int capability) {
    return List.of(
        "--gpu-architecture=sm_" + capability,
        "--std=c++17",
        "--device-as-default-execution-space");
  }

  CUfunc_st function(Kernel kernel) {
    return functions.get(kernel).function;
  }

  /** How many blocks of it a multiprocessor has room for: its registers decide, and the device. */
  int blocksAtOnce(Kernel kernel) {
    return functions.get(kernel).blocksAtOnce;
  }

  private static String compiler() {
    int[] major = new int[1];
    int[] minor = new int[1];
    CudaStatus.nvrtc(nvrtcVersion(major, minor), "nvrtcVersion");
    LibraryFolders.load("libnvrtc-builtins.so." + major[0] + "." + minor[0]);
    return "nvrtc " + major[0] + "." + minor[0];
  }

  /** The machine code of {@code source}. */
  static byte[] compile(String source, List<String> options) {
    _nvrtcProgram program = new _nvrtcProgram();
    try (BytePointer text = new BytePointer(source);
        BytePointer name = new BytePointer("gradus.cu");
        PointerPointer<BytePointer> arguments =
            new PointerPointer<>(options.toArray(String[]::new));
        SizeTPointer size = new SizeTPointer(1)) {
      CudaStatus.nvrtc(
          nvrtcCreateProgram(
              program, text, name, 0, (PointerPointer<?>) null, (PointerPointer<?>) null),
          "nvrtcCreateProgram");
      try {
        if (nvrtcCompileProgram(program, options.size(), arguments) != 0) {
          throw new GradusException(
              "The CUDA kernels do not compile with " + options + ":\n" + log(program));
        }
        CudaStatus.nvrtc(nvrtcGetCUBINSize(program, size), "nvrtcGetCUBINSize");
        byte[] machineCode = new byte[Math.toIntExact(size.get())];
        CudaStatus.nvrtc(nvrtcGetCUBIN(program, machineCode), "nvrtcGetCUBIN");
        return machineCode;
      } finally {
        nvrtcDestroyProgram(program);
      }
    }
  }

  private static String log(_nvrtcProgram program) {
    try (SizeTPointer size = new SizeTPointer(1)) {
      CudaStatus.nvrtc(nvrtcGetProgramLogSize(program, size), "nvrtcGetProgramLogSize");
      try (BytePointer words = new BytePointer(size.get())) {
        CudaStatus.nvrtc(nvrtcGetProgramLog(program, words), "nvrtcGetProgramLog");
        return words.getString().trim(); // of the zero at its end too
      }
    }
  }

  @Override
  public void close() {
    CudaStatus.cuda(cuModuleUnload(module), "cuModuleUnload");
  }
}
