/** Where the time of a step goes. */
package gradus.bench.profile;
