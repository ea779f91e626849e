package gradus.backend.cuda;

import static org.bytedeco.cuda.global.cudart.cudaDevAttrComputeCapabilityMajor;
import static org.bytedeco.cuda.global.cudart.cudaDevAttrComputeCapabilityMinor;
import static org.bytedeco.cuda.global.cudart.cudaDeviceGetAttribute;

/** Version numbers as people write them. */
final class CudaVersion {
  private CudaVersion() {}

  /** 13010 as 13.1. */
  static String of(int encoded) {
    return encoded / 1000 + "." + encoded % 1000 / 10;
  }

  /** Whether a device's tensor cores multiply bfloat16 and TensorFloat-32: since Ampere. */
  static boolean hasTensorCoresForFloats(int device) {
    return capability(device) >= 80;
  }

  /** The compute capability of a device, 7.5 as 75. */
  static int capability(int device) {
    int[] major = new int[1];
    int[] minor = new int[1];
    cudaDeviceGetAttribute(major, cudaDevAttrComputeCapabilityMajor, device);
    cudaDeviceGetAttribute(minor, cudaDevAttrComputeCapabilityMinor, device);
    return major[0] * 10 + minor[0];
  }
}
