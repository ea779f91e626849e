/** DJL, as a peer. */
package gradus.bench.djl;
