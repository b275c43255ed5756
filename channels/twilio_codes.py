"""What Twilio's error codes mean to the hub, from refused calls and from status callbacks alike."""

from channels.base import SendErrorKind as K

CODES: dict[int, K] = {
    # The HTTP API as such
    20001: K.REFUSED,  # a parameter is wrong
    20002: K.REFUSED,  # as above, older
    20003: K.CREDENTIALS,  # Account SID and auth token do not belong together
    20005: K.ACCOUNT,  # the account is not active
    20006: K.ACCOUNT,  # access denied
    20008: K.ACCOUNT,  # test credentials can't send
    20403: K.ACCOUNT,  # forbidden
    20404: K.CREDENTIALS,  # no such account
    20429: K.RATE_LIMITED,  # too many requests: never processed
    14107: K.RATE_LIMITED,  # the sender's rate
    # The recipient
    21211: K.ADDRESS_GONE,  # "To" is not a phone number
    21265: K.ADDRESS_GONE,  # "To" is a short code
    21266: K.REFUSED,  # "To" is our own number
    21407: K.ADDRESS_GONE,  # "To" can't take messages of this kind
    21408: K.ACCOUNT,  # sending to this country is not switched on
    21604: K.REFUSED,  # "To" is missing
    21608: K.ACCOUNT,  # trial accounts write to verified numbers only
    21610: K.BLOCKED,  # the person sent STOP
    21612: K.UNDELIVERABLE,  # no way from this sender to this number
    21614: K.ADDRESS_GONE,  # "To" is not a mobile number
    21635: K.ADDRESS_GONE,  # "To" is a landline
    # The sender
    21212: K.ACCOUNT,  # "From" is not a phone number
    21267: K.ACCOUNT,  # trial accounts have no sender names
    21603: K.ACCOUNT,  # "From" is missing
    21606: K.ACCOUNT,  # "From" can't send, or is not ours
    21607: K.ACCOUNT,  # "From" is not verified
    21611: K.RATE_LIMITED,  # the queue of "From" is full
    21659: K.ACCOUNT,  # "From" is not a number of Twilio's
    21660: K.ACCOUNT,  # "From" belongs to another account
    21661: K.ACCOUNT,  # "From" can't send SMS
    21701: K.ACCOUNT,  # no such messaging service
    21703: K.ACCOUNT,  # the messaging service has no numbers
    21704: K.ACCOUNT,  # the messaging service has no sender for this
    # The message
    21602: K.REFUSED,  # no text
    21605: K.TOO_LONG,  # the older limit
    21617: K.TOO_LONG,  # over 1,600 characters
    21619: K.REFUSED,  # neither text nor media nor template
    21620: K.MEDIA_REFUSED,  # the link to the file is not valid
    21623: K.MEDIA_REFUSED,  # too many files, or too large ones
    21654: K.TEMPLATE,  # the template is missing
    21655: K.TEMPLATE,  # no such template
    21656: K.TEMPLATE,  # its variables are wrong
    21657: K.TEMPLATE,  # it has no version for this channel
    21658: K.TEMPLATE,  # its variables are too long
    # Fetching our files
    11200: K.MEDIA_REFUSED,  # our link did not answer
    11751: K.MEDIA_REFUSED,  # larger than the channel takes
    12100: K.REFUSED,  # our answer to a webhook is not TwiML
    12300: K.MEDIA_REFUSED,  # our link answered with another type
    # Delivery by SMS
    30001: K.RATE_LIMITED,  # waited in the queue for too long, and was dropped there
    30002: K.ACCOUNT,  # the account is suspended
    30003: K.UNDELIVERABLE,  # phone off or without reception
    30004: K.FILTERED,  # blocked: by the carrier, a list, or the person; Twilio does not know
    30005: K.ADDRESS_GONE,  # unknown number, perhaps given up
    30006: K.UNDELIVERABLE,  # a landline, or its carrier can't be reached
    30007: K.FILTERED,  # a carrier's or Twilio's filter
    30008: K.UNDELIVERABLE,  # the carrier gave no reason
    30009: K.UNDELIVERABLE,  # a part of a long incoming message is missing
    30010: K.ACCOUNT,  # dearer than the account allows
    30011: K.MEDIA_REFUSED,  # that network takes no files
    30017: K.UNDELIVERABLE,  # the carrier is overloaded
    30018: K.ACCOUNT,  # the country wants senders registered
    30019: K.MEDIA_REFUSED,  # larger than the carrier takes
    30022: K.RATE_LIMITED,  # US registration: the rate
    30023: K.RATE_LIMITED,  # US registration: the day's amount
    30024: K.ACCOUNT,  # the sender is not set up at the carrier
    30032: K.ACCOUNT,  # a toll-free number that is not verified
    30034: K.ACCOUNT,  # a US number that is not registered
    30036: K.UNDELIVERABLE,  # its time ran out before delivery
    30410: K.UNDELIVERABLE,  # the carrier did not answer in time
    # WhatsApp
    63001: K.ACCOUNT,  # Twilio can't sign in at WhatsApp with this sender
    63002: K.ACCOUNT,  # WhatsApp does not find the sender
    63003: K.ADDRESS_GONE,  # no such address on WhatsApp
    63005: K.REFUSED,  # WhatsApp did not accept the content
    63006: K.REFUSED,  # the message can't be put into WhatsApp's form
    63007: K.ACCOUNT,  # no such sender on WhatsApp
    63008: K.ACCOUNT,  # the channel is set up wrongly
    63009: K.UNDELIVERABLE,  # WhatsApp answered with an error
    63010: K.UNDELIVERABLE,  # Twilio's own error
    63012: K.UNDELIVERABLE,  # WhatsApp's own error
    63013: K.FILTERED,  # against WhatsApp's policy
    63014: K.BLOCKED,  # the person blocked us
    63015: K.ACCOUNT,  # a sandbox that the person has not joined
    63016: K.WINDOW_CLOSED,  # more than 24 hours since the person wrote
    63017: K.RATE_LIMITED,  # the account's rate
    63018: K.RATE_LIMITED,  # WhatsApp's rate
    63019: K.MEDIA_REFUSED,  # WhatsApp could not load the file
    63020: K.ACCOUNT,  # the invitation of the business account is not accepted
    63021: K.REFUSED,  # content that WhatsApp does not know
    63024: K.ADDRESS_GONE,  # not a valid recipient on WhatsApp
    63027: K.TEMPLATE,  # not there in this language
    63028: K.TEMPLATE,  # number of variables
    63032: K.FILTERED,  # Meta chose not to deliver
    63038: K.ACCOUNT,  # the account's daily limit
    63040: K.TEMPLATE,  # rejected
    63041: K.TEMPLATE,  # paused
    63042: K.TEMPLATE,  # switched off
    63049: K.FILTERED,  # Meta chose not to deliver
}
"""Codes that are not listed are read by the HTTP status of the refusal, or by the status of the message."""


def kind_of_failure(status: str, code: int | None) -> K:
    """Why a message that Twilio had accepted was not delivered."""
    if code in CODES:
        return CODES[code]
    return K.UNDELIVERABLE if status == "undelivered" else K.REFUSED
