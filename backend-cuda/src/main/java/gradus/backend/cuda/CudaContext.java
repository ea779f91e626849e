package gradus.backend.cuda;

import static org.bytedeco.cuda.global.cublas.cublasCreate_v2;
import static org.bytedeco.cuda.global.cublas.cublasDestroy_v2;
import static org.bytedeco.cuda.global.cublas.cublasGetVersion_v2;
import static org.bytedeco.cuda.global.cublas.cublasSetStream_v2;
import static org.bytedeco.cuda.global.cudart.cuDeviceGetName;
import static org.bytedeco.cuda.global.cudart.cudaDevAttrMultiProcessorCount;
import static org.bytedeco.cuda.global.cudart.cudaDeviceGetAttribute;
import static org.bytedeco.cuda.global.cudart.cudaDriverGetVersion;
import static org.bytedeco.cuda.global.cudart.cudaErrorMemoryAllocation;
import static org.bytedeco.cuda.global.cudart.cudaFree;
import static org.bytedeco.cuda.global.cudart.cudaGetDeviceCount;
import static org.bytedeco.cuda.global.cudart.cudaMalloc;
import static org.bytedeco.cuda.global.cudart.cudaMemGetInfo;
import static org.bytedeco.cuda.global.cudart.cudaRuntimeGetVersion;
import static org.bytedeco.cuda.global.cudart.cudaSetDevice;
import static org.bytedeco.cuda.global.cudart.cudaStreamCreateWithFlags;
import static org.bytedeco.cuda.global.cudart.cudaStreamDestroy;
import static org.bytedeco.cuda.global.cudart.cudaStreamNonBlocking;
import static org.bytedeco.cuda.global.cudart.cudaStreamSynchronize;
import static org.bytedeco.cuda.global.cudnn.cudnnCreate;
import static org.bytedeco.cuda.global.cudnn.cudnnDestroy;
import static org.bytedeco.cuda.global.cudnn.cudnnGetVersion;
import static org.bytedeco.cuda.global.cudnn.cudnnSetStream;

import gradus.GradusException;
import gradus.backend.BackendOptions;
import gradus.backend.OutOfBackendMemoryException;
import gradus.backend.PrecisionSupport;
import gradus.tensor.Precision;
import gradus.tensor.Shape;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.bytedeco.cuda.cublas.cublasContext;
import org.bytedeco.cuda.cudart.CUstream_st;
import org.bytedeco.cuda.cudnn.cudnnContext;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerPointer;
import org.bytedeco.javacpp.SizeTPointer;

/**
 * One device with the stream on which everything happens in order, the libraries' handles, the
 * compiled kernels and a workspace.
 */
final class CudaContext implements AutoCloseable {
  private final int device;
  private final int devices;
  private final CudaSettings settings;
  private final CUstream_st stream = new CUstream_st();
  private final cublasContext cublas = new cublasContext();
  private final cudnnContext cudnn = new cudnnContext();
  private final PointerPointer<Pointer> answer = new PointerPointer<>(1);
  private final DevicePointer workspace = new DevicePointer(0);
  private final Deque<AutoCloseable> closing = new ArrayDeque<>();
  private final CommandGraphs graphs;
  private final CommandQueue queue;
  private final Launch launch;
  private long workspaceBytes;
  private Runnable whenShort = () -> {};
  private Thread driver;

  /** Opens a device; they are counted from 0 among those CUDA_VISIBLE_DEVICES leaves visible. */
  static CudaContext open(BackendOptions options) {
    int device = options.device();
    int[] devices = new int[1];
    CudaStatus.cuda(cudaGetDeviceCount(devices), "cudaGetDeviceCount");
    if (device >= devices[0]) {
      throw new GradusException(
          "There is no device cuda:%d: %d visible, counted from 0. Choose a smaller number, or check CUDA_VISIBLE_DEVICES."
              .formatted(device, devices[0]));
    }
    if (CudaVersion.capability(device) < 75) {
      throw new GradusException(
          "Device cuda:%d has compute capability %d.%d, but 7.5 is needed: choose another device."
              .formatted(
                  device,
                  CudaVersion.capability(device) / 10,
                  CudaVersion.capability(device) % 10));
    }
    List<String> needed = new ArrayList<>(SymbolGuard.used());
    needed.removeAll(SymbolGuard.usedOf(NcclCollective.LIBRARY)); // for several devices alone
    SymbolGuard.check(needed);
    return new CudaContext(device, devices[0], CudaSettings.of(options));
  }

  private CudaContext(int device, int devices, CudaSettings settings) {
    this.device = device;
    this.devices = devices;
    this.settings = settings;
    this.graphs = new CommandGraphs(this);
    this.queue = new CommandQueue(this, settings.graphs(), graphs);
    try {
      synchronized (Recording.LOCK) {
        launch = create();
      }
    } catch (RuntimeException | LinkageError failure) {
      close();
      throw failure;
    }
  }

  private Launch create() {
    enter();
    closing.push(answer);
    CudaStatus.cuda(
        cudaStreamCreateWithFlags(stream, cudaStreamNonBlocking), "cudaStreamCreateWithFlags");
    closing.push(() -> CudaStatus.cuda(cudaStreamDestroy(stream), "cudaStreamDestroy"));
    CudaStatus.cublas(cublasCreate_v2(cublas), "cublasCreate");
    closing.push(() -> CudaStatus.cublas(cublasDestroy_v2(cublas), "cublasDestroy"));
    CudaStatus.cublas(cublasSetStream_v2(cublas, stream), "cublasSetStream");
    LibraryFolders.load("libcudnn_*.so.9"); // a newer cuDNN has parts JavaCPP does not know of
    CudaStatus.cudnn(cudnnCreate(cudnn), "cudnnCreate");
    closing.push(() -> CudaStatus.cudnn(cudnnDestroy(cudnn), "cudnnDestroy"));
    CudaStatus.cudnn(cudnnSetStream(cudnn, stream), "cudnnSetStream");
    KernelModule kernels =
        new KernelModule(CudaVersion.capability(device), new KernelCache(settings.cache()));
    closing.push(kernels);
    closing.push(queue);
    closing.push(graphs);
    closing.push(this::freeWorkspace);
    return new Launch(this, kernels, attribute(cudaDevAttrMultiProcessorCount));
  }

  /** To be called before a library is: makes the device the calling thread's. */
  void enter() {
    if (devices > 1 || driver != Thread.currentThread()) {
      CudaStatus.cuda(cudaSetDevice(device), "cudaSetDevice");
      driver = Thread.currentThread();
    }
  }

  /** Begins the call of a kernel. */
  Launch launch(Kernel kernel) {
    return launch.of(kernel);
  }

  int device() {
    return device;
  }

  /** What waits to be started. */
  CommandQueue queue() {
    return queue;
  }

  Launch kernels() {
    return launch;
  }

  /** How many graphs have been started. */
  long graphLaunches() {
    return graphs.launches();
  }

  /** The stream, after everything asked for so far. */
  CUstream_st stream() {
    flush();
    return stream;
  }

  /** Starts everything asked for so far. */
  void flush() {
    enter();
    queue.flush();
  }

  cublasContext cublas() {
    return cublas;
  }

  cudnnContext cudnn() {
    return cudnn;
  }

  PrecisionSupport support(Precision precision) {
    boolean everywhere = precision == Precision.FP32 || precision == Precision.FP16;
    if (everywhere || CudaVersion.hasTensorCoresForFloats(device)) {
      return PrecisionSupport.FULL;
    }
    int capability = CudaVersion.capability(device);
    return new PrecisionSupport(
        false,
        "Device cuda:%d has compute capability %d.%d, but %s needs 8.0: take fp16, or leave the precision out."
            .formatted(device, capability / 10, capability % 10, precision));
  }

  CudaSettings settings() {
    return settings;
  }

  /** Whether images lie NHWC. */
  boolean channelsLast() {
    return settings.channelsLast();
  }

  /**
   * Of so many pixels of a channel, those that lie side by side. Channels last, [N,C,H,W] is to a
   * kernel as [N H W,C,1] is.
   */
  int neighbours(int pixels) {
    return channelsLast() ? 1 : pixels;
  }

  /** How a batch lies. */
  ImageLayout layout(Shape shape) {
    return ImageLayout.of(shape, channelsLast());
  }

  /** Begins to move images between two layouts: what from, what to, the old one's factor follow. */
  Launch move(ImageLayout from, ImageLayout to) {
    return move(from, to, 0, 0);
  }

  /** The same so many rows down and columns right, between images of different size. */
  Launch move(ImageLayout from, ImageLayout to, int down, int right) {
    return launch(Kernel.MOVE_IMAGES).images(from).images(to).with(down).with(right);
  }

  /** Waits until everything asked for so far has happened. */
  void synchronize() {
    CudaStatus.cuda(cudaStreamSynchronize(stream()), "cudaStreamSynchronize");
  }

  /** Device memory of undefined contents; 0 when there is none left. */
  long allocate(long bytes) {
    enter();
    int status = cudaMalloc(answer, bytes);
    if (status == cudaErrorMemoryAllocation) {
      CudaStatus.forget();
      return 0;
    }
    CudaStatus.cuda(status, "cudaMalloc"); // such as what an earlier kernel did
    return answer.get(0).address();
  }

  void free(long address) {
    // It may be in use, and cudaFree need not wait. Waiting for an idle stream costs far less than
    // cudaFree itself.
    synchronize();
    synchronized (Recording.LOCK) {
      CudaStatus.cuda(cudaFree(new DevicePointer(address)), "cudaFree");
    }
  }

  /** What gives device memory back that nobody uses, to be run when there is none left. */
  void whenShort(Runnable trim) {
    whenShort = trim;
  }

  /** Working memory of an op, at least so large, until the next op asks for some. */
  DevicePointer workspace(long bytes) {
    if (bytes > workspaceBytes) {
      synchronize(); // kernels under way may still use the old one
      freeWorkspace();
      workspace.at(allocateOrTrim(bytes));
      workspaceBytes = bytes;
    }
    return workspace;
  }

  /** Working memory, to be freed by the caller. */
  long allocateOrTrim(long bytes) {
    long address = allocate(bytes);
    if (address == 0) {
      whenShort.run();
      address = allocate(bytes);
    }
    if (address == 0) {
      throw new OutOfBackendMemoryException(bytes, 0, "The working memory of device " + device);
    }
    return address;
  }

  private void freeWorkspace() {
    if (workspaceBytes > 0) {
      workspaceBytes = 0;
      free(workspace.address());
    }
  }

  /** All memory of the device, in use or not. */
  long memoryBytes() {
    enter();
    try (SizeTPointer free = new SizeTPointer(1);
        SizeTPointer total = new SizeTPointer(1)) {
      CudaStatus.cuda(cudaMemGetInfo(free, total), "cudaMemGetInfo");
      return total.get();
    }
  }

  private int attribute(int which) {
    int[] value = new int[1];
    CudaStatus.cuda(cudaDeviceGetAttribute(value, which, device), "cudaDeviceGetAttribute");
    return value[0];
  }

  String describe() {
    byte[] name = new byte[256];
    CudaStatus.cuda(cuDeviceGetName(name, name.length, device), "cuDeviceGetName");
    int length = 0;
    while (length < name.length && name[length] != 0) {
      length++;
    }
    int[] driverVersion = new int[1];
    int[] runtime = new int[1];
    int[] blas = new int[1];
    cudaDriverGetVersion(driverVersion);
    cudaRuntimeGetVersion(runtime);
    cublasGetVersion_v2(cublas, blas);
    long dnn = cudnnGetVersion();
    int capability = CudaVersion.capability(device);
    return "%s (device %d, compute capability %d.%d), driver for CUDA %s, CUDA %s, cuBLAS %d.%d.%d, cuDNN %d.%d.%d"
        .formatted(
            new String(name, 0, length, StandardCharsets.UTF_8),
            device,
            capability / 10,
            capability % 10,
            CudaVersion.of(driverVersion[0]),
            CudaVersion.of(runtime[0]),
            blas[0] / 10_000,
            blas[0] / 100 % 100,
            blas[0] % 100,
            dnn / 10_000,
            dnn / 100 % 100,
            dnn % 100);
  }

  /** Registers something to be closed with this, before the handles it may need. */
  void closeWithMe(AutoCloseable part) {
    closing.push(part);
  }

  @Override
  public void close() {
    enter();
    RuntimeException first = null;
    while (!closing.isEmpty()) {
      try {
        synchronized (Recording.LOCK) {
          closing.pop().close();
        }
      } catch (Exception failure) {
        if (first == null) {
          first = new GradusException("The CUDA backend did not close cleanly.", failure);
        } else {
          first.addSuppressed(failure);
        }
      }
    }
    if (first != null) {
      throw first;
    }
  }
}
