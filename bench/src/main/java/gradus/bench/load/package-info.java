/** Who else uses the processors. */
package gradus.bench.load;
