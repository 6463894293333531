/*
 * A small stand-in for the libsrtp 3 header: the functions that mediasoup's
 * worker calls, on top of libsrtp 2.
 *
 * libsrtp 3                              libsrtp 2
 * srtp_policy_t: opaque handle           srtp_policy_t: plain struct
 * separate input and output buffers      in place
 * srtp_stream_remove()                   srtp_remove_stream()
 *
 * Only for C++. Overloads with C++ linkage sit beside libsrtp 2's functions of
 * the same name.
 */
#ifndef MS_OVERLAY_SRTP3_H
#define MS_OVERLAY_SRTP3_H

#ifndef __cplusplus
#error "this stand-in for libsrtp 3 is for C++ only"
#endif

/* libsrtp 2's policy struct gets another name: libsrtp 3 has a handle. */
#define srtp_policy_t ms_srtp2_policy_t
#include <srtp2/srtp.h>
#undef srtp_policy_t

#include <climits>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <new>

/* Errors that only libsrtp 3 has. */
constexpr srtp_err_status_t ms_srtp_err_status_buffer_small = static_cast<srtp_err_status_t>(28);
constexpr srtp_err_status_t ms_srtp_err_status_cryptex_err  = static_cast<srtp_err_status_t>(29);
#define srtp_err_status_buffer_small ms_srtp_err_status_buffer_small
#define srtp_err_status_cryptex_err ms_srtp_err_status_cryptex_err

/* Policy. */

struct ms_srtp_policy
{
	ms_srtp2_policy_t policy;
	srtp_profile_t profile;
	uint8_t key[SRTP_MAX_KEY_LEN];
	size_t keyLen;
};

using srtp_policy_t = ms_srtp_policy*;

inline srtp_err_status_t srtp_policy_create(srtp_policy_t* policy)
{
	if (!policy)
	{
		return srtp_err_status_bad_param;
	}

	*policy = new (std::nothrow) ms_srtp_policy{};

	return *policy ? srtp_err_status_ok : srtp_err_status_alloc_fail;
}

inline void srtp_policy_destroy(srtp_policy_t policy)
{
	if (policy)
	{
		// Not memset(): the compiler may drop it for memory about to be freed.
		volatile uint8_t* key = policy->key;

		for (size_t i{ 0 }; i < sizeof(policy->key); ++i)
		{
			key[i] = 0;
		}

		delete policy;
	}
}

inline srtp_err_status_t srtp_policy_set_ssrc(srtp_policy_t policy, srtp_ssrc_t ssrc)
{
	if (!policy)
	{
		return srtp_err_status_bad_param;
	}

	policy->policy.ssrc = ssrc;

	return srtp_err_status_ok;
}

inline srtp_err_status_t srtp_policy_set_profile(srtp_policy_t policy, srtp_profile_t profile)
{
	if (!policy)
	{
		return srtp_err_status_bad_param;
	}

	srtp_err_status_t err =
	  srtp_crypto_policy_set_from_profile_for_rtp(&policy->policy.rtp, profile);

	if (err == srtp_err_status_ok)
	{
		// For AES_CM_128_HMAC_SHA1_32 this takes a tag of 80 bits, as RFC 5764 says.
		err = srtp_crypto_policy_set_from_profile_for_rtcp(&policy->policy.rtcp, profile);
	}

	if (err == srtp_err_status_ok)
	{
		policy->profile = profile;
	}

	return err;
}

inline srtp_err_status_t srtp_policy_add_key(
  srtp_policy_t policy,
  const uint8_t* key,
  size_t keyLen,
  const uint8_t* salt,
  size_t saltLen,
  const uint8_t* /*mki*/,
  size_t mkiLen)
{
	// A single key and no MKI: all that the worker asks for.
	if (!policy || !key || !salt || mkiLen != 0 || policy->keyLen != 0)
	{
		return srtp_err_status_bad_param;
	}

	if (
	  keyLen != srtp_profile_get_master_key_length(policy->profile) ||
	  saltLen != srtp_profile_get_master_salt_length(policy->profile) ||
	  keyLen + saltLen > sizeof(policy->key))
	{
		return srtp_err_status_bad_param;
	}

	std::memcpy(policy->key, key, keyLen);
	std::memcpy(policy->key + keyLen, salt, saltLen);

	policy->keyLen     = keyLen + saltLen;
	policy->policy.key = policy->key;

	return srtp_err_status_ok;
}

inline srtp_err_status_t srtp_policy_set_allow_repeat_tx(srtp_policy_t policy, bool allow)
{
	if (!policy)
	{
		return srtp_err_status_bad_param;
	}

	policy->policy.allow_repeat_tx = allow ? 1 : 0;

	return srtp_err_status_ok;
}

inline srtp_err_status_t srtp_policy_set_window_size(srtp_policy_t policy, size_t windowSize)
{
	if (!policy || (windowSize != 0 && (windowSize < 64 || windowSize >= 0x8000)))
	{
		return srtp_err_status_bad_param;
	}

	policy->policy.window_size = static_cast<unsigned long>(windowSize);

	return srtp_err_status_ok;
}

/* Session. */

inline srtp_err_status_t srtp_create(srtp_t* session, srtp_policy_t policy)
{
	if (!policy || policy->keyLen == 0)
	{
		return srtp_err_status_bad_param;
	}

	return srtp_create(session, static_cast<const ms_srtp2_policy_t*>(&policy->policy));
}

/*
 * NOTE: the worker passes htonl(ssrc), which is what libsrtp 2 compares with
 * the SSRC of its streams (both in network order), so no conversion here.
 */
inline srtp_err_status_t srtp_stream_remove(srtp_t session, unsigned int ssrc)
{
	return srtp_remove_stream(session, ssrc);
}

/* Packets: copy into the output buffer unless it is the input, then in place. */

using ms_srtp2_function = srtp_err_status_t (*)(srtp_t, void*, int*);

inline srtp_err_status_t ms_srtp2_call(
  ms_srtp2_function function,
  size_t room,
  srtp_t ctx,
  const uint8_t* in,
  size_t inLen,
  uint8_t* out,
  size_t* outLen)
{
	if (!ctx || !in || !out || !outLen || inLen > static_cast<size_t>(INT_MAX) - room)
	{
		return srtp_err_status_bad_param;
	}

	// libsrtp 2 is not told the size of the buffer.
	if (inLen + room > *outLen)
	{
		return srtp_err_status_buffer_small;
	}

	if (out != in)
	{
		std::memmove(out, in, inLen);
	}

	int len{ static_cast<int>(inLen) };

	const srtp_err_status_t err = function(ctx, out, &len);

	if (err == srtp_err_status_ok)
	{
		*outLen = static_cast<size_t>(len);
	}

	return err;
}

inline srtp_err_status_t srtp_protect(
  srtp_t ctx, const uint8_t* rtp, size_t rtpLen, uint8_t* srtp, size_t* srtpLen, size_t /*mkiIndex*/)
{
	return ms_srtp2_call(&::srtp_protect, SRTP_MAX_TAG_LEN, ctx, rtp, rtpLen, srtp, srtpLen);
}

inline srtp_err_status_t srtp_unprotect(
  srtp_t ctx, const uint8_t* srtp, size_t srtpLen, uint8_t* rtp, size_t* rtpLen)
{
	return ms_srtp2_call(&::srtp_unprotect, 0, ctx, srtp, srtpLen, rtp, rtpLen);
}

inline srtp_err_status_t srtp_protect_rtcp(
  srtp_t ctx, const uint8_t* rtcp, size_t rtcpLen, uint8_t* srtcp, size_t* srtcpLen, size_t /*mkiIndex*/)
{
	// Four more for the SRTCP index.
	return ms_srtp2_call(&::srtp_protect_rtcp, SRTP_MAX_TAG_LEN + 4, ctx, rtcp, rtcpLen, srtcp, srtcpLen);
}

inline srtp_err_status_t srtp_unprotect_rtcp(
  srtp_t ctx, const uint8_t* srtcp, size_t srtcpLen, uint8_t* rtcp, size_t* rtcpLen)
{
	return ms_srtp2_call(&::srtp_unprotect_rtcp, 0, ctx, srtcp, srtcpLen, rtcp, rtcpLen);
}

#endif
