import type { SupabaseClient } from '@supabase/supabase-js';

export interface NotificationDraft {
  challengeId: string;
  recipientId: string;
  title: string;
  message: string;
}

/** Sends one person a notification about a challenge; the database function refuses everybody but managers. */
export async function sendNotification(supabase: SupabaseClient, { challengeId, recipientId, title, message }: NotificationDraft): Promise<void> {
  await supabase
    .rpc('send_challenge_notification', {
      p_challenge_id: challengeId,
      p_recipient_id: recipientId,
      p_notification_type: 'deadline_reminder',
      p_title: title,
      p_message: message,
    })
    .throwOnError();
}
