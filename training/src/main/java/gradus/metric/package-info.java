/** Numbers people judge a network by. */
package gradus.metric;
